import type { Instant } from '../identity/facts.ts';

/** Demands of an application on a login at an identity provider. */
export interface LoginDemands {
  /** When the login was begun: a demanded authentication is not older. */
  readonly begunAt: Instant;
  /** True: the person authenticates anew (SAML ForceAuthn, OpenID Connect `prompt=login`). */
  readonly force: boolean;
  /** True: without interaction (SAML IsPassive, OpenID Connect `prompt=none`). */
  readonly passive: boolean;
  /** Authentication contexts of which one has to be stated (SAML AuthnContextClassRef, OpenID Connect `acr`); empty: any. */
  readonly acr: readonly string[];
  /** Application for which the login was begun; `null`: it is not known. */
  readonly application: string | null;
}

/** Facts that a logout at the provider needs. SAML: attributes of the NameID. OpenID Connect: the ID token, which is stored encrypted. */
export interface SourceDetails {
  readonly format?: string;
  readonly nameQualifier?: string;
  readonly spNameQualifier?: string;
  readonly idToken?: string;
}

/** Facts of an authentication, as the identity provider states them. */
export interface SourceFacts {
  /** SAML AuthnInstant, OpenID Connect `auth_time`; `null`: not stated. */
  readonly authenticatedAt: Instant | null;
  /** SAML AuthnContextClassRef, OpenID Connect `acr`; `null`: not stated. */
  readonly acr: string | null;
  /** Session at the provider: SAML SessionIndex, OpenID Connect `sid`; `null`: not stated. */
  readonly sourceIndex: string | null;
  /** Person at the provider: SAML NameID, OpenID Connect `sub`; `null`: it is not of a provider. */
  readonly sourceSubject: string | null;
  /** Further facts that a logout at the provider needs; `null`: none. */
  readonly sourceDetails: SourceDetails | null;
}

/** Facts of an authentication about which nothing is stated. */
export const NOTHING_STATED: SourceFacts = { authenticatedAt: null, acr: null, sourceIndex: null, sourceSubject: null, sourceDetails: null };
