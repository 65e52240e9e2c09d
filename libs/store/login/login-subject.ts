import type { Instant, LoginDoubt } from '@tenure/domain';

/** Correlation keys of a login: attribute to value. */
export type KeysOfLogin = Readonly<Record<string, string>>;

/** Statement of a bound subject that needs a human decision. Its login is refused until then. */
export interface PendingLogin {
  readonly why: LoginDoubt;
  /** As it said them then. */
  readonly keys: KeysOfLogin;
  readonly nameIdFormat: string | null;
}

/** Basis of a decided login, and the claims that it said: the same login again needs no decision as long as all of it is the same. */
export interface SettledLogin extends SettledBy {
  /** Revision of the identity. */
  readonly revision: number;
  /** Digest of the versions of all rows that a decision about the person reads, besides the identity and the login's own record. */
  readonly inputs: string;
}

/** The part of it that is known outside of the database. */
export interface SettledBy {
  /** SHA-256 of the mapped claims, hexadecimal. */
  readonly claims: string;
  /** SHA-256 of the configuration, hexadecimal. */
  readonly configuration: string;
  /** When it was decided. */
  readonly decidedAt: Instant;
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
