import type { OidcApplicationSettings } from '@tenure/config';
import type { Keyring } from '@tenure/engine/keys';
import type { FastifyRequest } from 'fastify';
import type { ReadSession } from '../../access/session-of-request.ts';
import type { ApiDependencies } from '../../server/dependencies.ts';

/** Dependencies of the OpenID provider. */
export interface OpenidDependencies extends Pick<ApiDependencies, 'store' | 'engine' | 'clock' | 'logger' | 'configuration'> {
  readonly keyring: Keyring;
  readonly readSession: ReadSession;
  /** Requests from one address in a minute, for each route that browsers call. */
  readonly rateLimit: number;
}

/** OpenID Connect applications of the configuration, by client id. */
export function clientsOf({ configuration }: Pick<OpenidDependencies, 'configuration'>): ReadonlyMap<string, OidcApplicationSettings> {
  return new Map(Object.values(configuration.applications).flatMap((one) => (one.protocol === 'oidc' ? [[one.clientId, one] as const] : [])));
}

/** Requests that are being answered, by Node's own object for them, which the provider passes on. */
export type Requests = WeakMap<object, FastifyRequest>;
