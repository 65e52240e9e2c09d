/**
 * Why a login is not accepted: stable words for audit, log and metrics. Each has its row in docs/federation.md, "When somebody is refused".
 */
export const LOGIN_REFUSALS = [
  // Who may become whom, and who may log in at all.
  'already-bound',
  'ambiguous',
  'claims-invalid',
  'life-ended',
  'may-not-create',
  'not-started',
  'subject-of-another-provider',
  'suspended',
  'too-many-logins',
  'user-info-refused',
  // The request that an answer belongs to.
  'assertion-replayed',
  'idp-initiated',
  'request-of-another-browser',
  'request-of-another-provider',
  'request-unknown',
  // What a message says, by either protocol.
  'malformed',
  'provider-unreachable',
  'session-expired',
  'too-large',
  // SAML 2.0.
  'assertion-count',
  'assertion-expired',
  'assertion-not-yet-valid',
  'condition-unknown',
  'decryption-failed',
  'document-type-declaration',
  'encrypted-unsupported',
  'encryption-algorithm',
  'in-response-to-mismatch',
  'schema-invalid',
  'signature-algorithm',
  'signature-invalid',
  'signature-key-unknown',
  'signature-missing',
  'status-not-success',
  'subject-confirmation-missing',
  'subject-missing',
  'wrong-audience',
  'wrong-destination',
  'wrong-issuer',
  'wrong-recipient',
  // OpenID Connect.
  'audience-mismatch',
  'authorization-refused',
  'client-refused',
  'code-refused',
  'issuer-mismatch',
  'nonce-mismatch',
  'state-mismatch',
  'subject-mismatch',
  'token-expired',
  'token-invalid',
] as const;

export type LoginRefusal = (typeof LOGIN_REFUSALS)[number];
