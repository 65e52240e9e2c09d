/** Answer of an OpenID provider at the callback, before any of it is trusted. */
export interface OidcAnswer {
  readonly query: URLSearchParams;
  readonly issuer: string;
  /** `state` of the login in progress of the browser. */
  readonly state: string;
}

/** Claims of an ID token whose signature, issuer, audience and nonce are verified. */
export interface VerifiedIdToken {
  readonly claims: {
    /** Seconds of Unix time. */
    readonly exp: number;
    readonly iat: number;
    readonly sub: string;
    readonly azp?: unknown;
    readonly session_expiry?: unknown;
  };
  readonly clientId: string;
  /** Seconds of Unix time. */
  readonly now: number;
}
