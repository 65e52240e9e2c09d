import type { Instant } from '@tenure/domain';
import type { OidcClaims } from './claims.ts';

/** What an OpenID provider vouches for after a login. */
export interface OidcLogin {
  readonly issuer: string;
  /** `sub`: never given to another person by the same issuer (OIDC core 2). */
  readonly subject: string;
  readonly claims: OidcClaims;
  /** `sid`, for a logout that the provider announces later (OIDC back-channel logout 2.1). */
  readonly sessionId: string | null;
  /** `session_expiry` (OpenID Connect Enterprise Extensions): when the provider's session ends; `null`: it does not say. */
  readonly sessionEnd: Instant | null;
  /** Why the user info endpoint did not answer though a claim was needed that the ID token lacks; `null`: nothing was missing, or it did. */
  readonly userInfoError: Error | null;
}
