import { LoginRefused } from '@tenure/domain';

/** Why a SAML response is not accepted: stable words for audit and metrics. */
export type SamlRefusal =
  | 'assertion-count' // none, several, or one that is not where it belongs
  | 'assertion-expired'
  | 'assertion-not-yet-valid'
  | 'condition-unknown' // a condition that we cannot judge (SAML core 2.5.1.1)
  | 'decryption-failed' // not for our key, or not what it claims to be
  | 'document-type-declaration'
  | 'encrypted-unsupported' // no decryption key is configured, or something other than the assertion is encrypted
  | 'encryption-algorithm'
  | 'in-response-to-mismatch'
  | 'malformed'
  | 'schema-invalid'
  | 'session-expired' // the provider's own session is over (SessionNotOnOrAfter)
  | 'signature-algorithm'
  | 'signature-invalid'
  | 'signature-key-unknown' // made with a certificate that the metadata does not list: metadata may be stale
  | 'signature-missing'
  | 'status-not-success'
  | 'subject-confirmation-missing'
  | 'subject-missing'
  | 'too-large'
  | 'transient-name-id' // another name at each login: nobody is known again by it
  | 'wrong-audience'
  | 'wrong-destination'
  | 'wrong-issuer'
  | 'wrong-recipient';

/** A refusal with one of our words. The message is for logs and audit, never for the person. */
export function refuse(reason: SamlRefusal, message: string, options?: ErrorOptions): LoginRefused {
  return new LoginRefused(reason, message, {}, options);
}
