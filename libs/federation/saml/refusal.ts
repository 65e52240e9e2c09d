import { LoginRefused } from '@tenure/domain';

/** Reason for which a SAML response is refused: a stable word for audit and metrics. */
export type SamlRefusal =
  | 'assertion-count' // none, several, or one in the wrong place
  | 'assertion-expired'
  | 'assertion-not-yet-valid'
  | 'condition-unknown' // a condition that Tenure cannot evaluate (SAML core 2.5.1.1)
  | 'decryption-failed' // not encrypted for our key, or malformed
  | 'document-type-declaration'
  | 'encrypted-unsupported' // no decryption key is configured, or something other than the assertion is encrypted
  | 'encryption-algorithm'
  | 'in-response-to-mismatch'
  | 'malformed'
  | 'message-expired' // a request or an answer that was issued too long ago, or whose NotOnOrAfter is over
  | 'message-replayed' // a request that was received before
  | 'schema-invalid'
  | 'session-expired' // the provider's own session has ended (SessionNotOnOrAfter)
  | 'signature-algorithm'
  | 'signature-invalid'
  | 'signature-key-unknown' // made with a certificate that the metadata does not list: metadata may be stale
  | 'signature-missing'
  | 'status-not-success'
  | 'subject-confirmation-missing'
  | 'subject-missing'
  | 'too-large'
  | 'transient-name-id' // differs at each login, so it cannot identify a person
  | 'wrong-audience'
  | 'wrong-destination'
  | 'wrong-issuer'
  | 'wrong-recipient';

/** Creates a refusal. The message is for logs and audit, never for the person. */
export function refuse(reason: SamlRefusal, message: string, options?: ErrorOptions): LoginRefused {
  return new LoginRefused(reason, message, {}, options);
}
