import type { ProviderSettings } from '@tenure/config';
import type { Claims, Instant, SourceFacts } from '@tenure/domain';

/** A login that its protocol has proven: the browser acts for this issuer's subject. */
export interface ProvenLogin {
  readonly provider: ProviderSettings;
  readonly issuer: string;
  readonly subject: string;
  /** SAML: the format of the name identifier; `null`: OpenID Connect. */
  readonly nameIdFormat: string | null;
  readonly claims: Claims;
  /** The request that it answers, and the secret of the browser that made it; `null`: begun by the provider, where that is allowed. */
  readonly request: { readonly id: string; readonly browserSecret: string } | null;
  /** The session that the browser shows, which ends with this login. */
  readonly replaces?: string | null;
  /** Assertion of SAML, which is used once. */
  readonly assertion: { readonly id: string; readonly notOnOrAfter: Instant } | null;
  /** When the provider's own session ends; absent and `null`: not stated. */
  readonly sessionEnd?: Instant | null;
  /** Facts of the authentication; absent: nothing is stated. */
  readonly source?: SourceFacts;
  /** True: the provider refused to return claims that its entry reads; absent: false. */
  readonly isPartial?: boolean;
}

/** Request and assertion that an answer uses up, accepted or not. */
export type UsedByLogin = Pick<ProvenLogin, 'issuer' | 'request' | 'assertion'>;

export interface CompletedLogin {
  /** The session's token, for the cookie. */
  readonly token: string;
  readonly expiresAt: Instant;
  readonly identityId: string;
  readonly isNew: boolean;
  /** Path of ours that the browser requested when it began; `null`: it did not begin here. */
  readonly returnTo: string | null;
  readonly leftOut: LeftOutClaims;
}

/** Names of claims that a login leaves out: attributes, `groups`, `userType`. */
export interface LeftOutClaims {
  /** Names of those that stay as the provider stated them before. */
  readonly kept: readonly string[];
  /** Names of those that the provider keeps elsewhere, such as more groups than a token may list. */
  readonly elsewhere: readonly string[];
}
