import type { Instant } from '@tenure/domain';
import type { LoginRequest } from '@tenure/store';
import type { BegunLogin } from '../login-cookie.ts';

/** An answer that a browser brings, before anything of it is proven. */
export interface BroughtAnswer {
  /** The request that it names; `null`: it names none. */
  readonly named: string | null;
  /** That request, as this browser has begun it; `null`: it has not. */
  readonly begun: BegunLogin | null;
  /** True: the provider may begin logins by itself. */
  readonly allowIdpInitiated: boolean;
}

/** The same, with the request as it was stored; `null`: it is not there any more. */
export interface StoredAnswer {
  readonly provider: string;
  readonly begun: BegunLogin;
  readonly stored: Pick<LoginRequest, 'provider' | 'browserHash' | 'nonce' | 'verifier' | 'expiresAt'> | null;
  readonly now: Instant;
}
