import type { Instant, LoginDoubt } from '@tenure/domain';

/** Correlation keys of a login: attribute to value. */
export type KeysOfLogin = Readonly<Record<string, string>>;

/** Statement of a bound subject that needs a human decision. Its login is refused until then. */
export interface PendingLogin {
  readonly why: LoginDoubt;
  /** Correlation keys as stated by the refused login. */
  readonly keys: KeysOfLogin;
  readonly nameIdFormat: string | null;
}

/** Basis of a decided login, and its claims: an equal login needs no new decision as long as all of this is unchanged. */
export interface SettledLogin extends SettledBy {
  /** Revision of the identity. */
  readonly revision: number;
  /** Digest of the versions of all rows that a decision about the person reads, besides the identity and the login's own record. */
  readonly inputs: string;
}

/** The part of the basis that is known outside of the database. */
export interface SettledBy {
  /** SHA-256 of the mapped claims, hexadecimal. */
  readonly claims: string;
  /** SHA-256 of the configuration, hexadecimal. */
  readonly configuration: string;
  readonly decidedAt: Instant;
}

/** Issuer and subject of a login, with the identity that they are bound to. */
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
