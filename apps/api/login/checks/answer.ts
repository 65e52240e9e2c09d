import type { Instant } from '@tenure/domain';
import type { LoginRequest } from '@tenure/store';
import type { BegunLogin } from '../login-cookie.ts';

/** Answer with which a browser returns, before any of it is proven. */
export interface BroughtAnswer {
  /** The request that it names; `null`: it names none. */
  readonly named: string | null;
  /** The request, as this browser has begun it; `null`: it has not. */
  readonly begun: BegunLogin | null;
  /** True: the provider may begin logins by itself. */
  readonly allowIdpInitiated: boolean;
}

/** The same answer, with the stored request; `null`: it is not there any more. */
export interface StoredAnswer {
  readonly provider: string;
  readonly begun: BegunLogin;
  readonly stored: Pick<LoginRequest, 'provider' | 'browserHash' | 'nonce' | 'verifier' | 'expiresAt'> | null;
  readonly now: Instant;
}
