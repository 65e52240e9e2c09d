import type { Keyring } from '@tenure/engine/keys';
import type { LoginDependencies } from '@tenure/engine/login';
import type { Metrics } from '@tenure/telemetry';
import type { Logger } from 'pino';
import type { Providers } from './providers.ts';

export interface LoginRouteDependencies extends LoginDependencies {
  readonly providers: Providers;
  readonly keyring: Keyring;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly metrics?: Pick<Metrics, 'loginRefused' | 'claimsLeftOut'>;
  /** Name of the session cookie. */
  readonly sessionCookie: string;
  /** Requests from one address in a minute, for each of these routes. */
  readonly rateLimit: number;
  /** Logins of one subject in a minute. */
  readonly subjectRateLimit: number;
}
