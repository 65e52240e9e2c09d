import '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import type { Authenticate, Caller } from '@tenure/engine/callers';
import type { Session } from '@tenure/store';
import type { ApiDependencies } from '../server/dependencies.ts';
import { sessionCookieName } from './credential.ts';

/** Session of a person whose browser sent a request. */
export interface RequestSession {
  /** Token of the session, from which forms of its pages are protected (`formToken`). */
  readonly token: string;
  /** Stored session: its identity, provider, authentication at the source (`authenticatedAt`, `acr`) and end. */
  readonly session: Session;
  readonly caller: Caller;
}

/**
 * Reads the session whose cookie a browser sent; `null`: there is no cookie, its session has ended or expired, or the person is not active. Counts as a
 * use of the session.
 */
export type ReadSession = (request: Pick<FastifyRequest, 'cookies'>) => Promise<RequestSession | null>;

export function createReadSession(
  { store, clock, configuration }: Pick<ApiDependencies, 'store' | 'clock' | 'configuration'>,
  authenticate: Authenticate,
): ReadSession {
  const cookieName = sessionCookieName(configuration.url);
  return async (request) => {
    const token = request.cookies[cookieName];
    const caller = token ? await authenticate(token) : null;
    if (!token || caller?.kind !== 'person') return null;
    const session = await store.read((tx) => tx.sessions.byToken(token, clock()));
    // It may have ended between the two reads.
    return session === null ? null : { token, session, caller };
  };
}
