import type { OidcClaims } from './claims.ts';

/** What an OpenID provider vouches for after a login. */
export interface OidcLogin {
  readonly issuer: string;
  /** `sub`: never given to another person by the same issuer (OIDC core 2). */
  readonly subject: string;
  readonly claims: OidcClaims;
  /** `sid`, for a logout that the provider announces later (OIDC back-channel logout 2.1). */
  readonly sessionId: string | null;
}
