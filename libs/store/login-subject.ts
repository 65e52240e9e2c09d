import type { Instant } from '@tenure/domain';

/** Correlation keys of a login: attribute to value. */
export type KeysOfLogin = Readonly<Record<string, string>>;

/** Statement of a bound subject that needs a human decision. Its login is refused until then. */
export interface PendingLogin {
  readonly why: 'keys-changed' | 'name-id-format-changed' | 'rights-unconfirmed';
  /** As it said them then. */
  readonly keys: KeysOfLogin;
  readonly nameIdFormat: string | null;
}

/** A login's issuer and subject, and whom they are bound to. */
export interface LoginSubject {
  readonly issuer: string;
  readonly subject: string;
  readonly provider: string;
  readonly identityId: string;
  readonly boundAt: Instant;
  readonly lastLoginAt: Instant;
  /** SAML: the format of the name identifier; `null`: OpenID Connect, or not known. */
  readonly nameIdFormat: string | null;
  /** Correlation keys of the last login; `null`: unknown. */
  readonly keys: KeysOfLogin | null;
}
