import type { Instant } from '@tenure/domain';
import type { OidcClaims } from './claims.ts';

/** Verified statement of an OpenID provider about a login. */
export interface OidcLogin {
  readonly issuer: string;
  /** `sub`: never reassigned to another person by the same issuer (OIDC core 2). */
  readonly subject: string;
  readonly claims: OidcClaims;
  /** `sid`, for a logout that the provider announces later (OIDC back-channel logout 2.1). */
  readonly sessionId: string | null;
  /** `auth_time`; `null`: not stated. */
  readonly authenticatedAt: Instant | null;
  /** `acr`; `null`: not stated. */
  readonly acr: string | null;
  /** The ID token as it was sent, as a hint of a logout at the provider. */
  readonly idToken: string;
  /** `session_expiry` (OpenID Connect Enterprise Extensions): end of the provider's session; `null`: not stated. */
  readonly sessionEnd: Instant | null;
  /** Error of the userinfo endpoint, called for a claim that the ID token lacks; `null`: no claim was missing, or it answered. */
  readonly userInfoError: Error | null;
}
