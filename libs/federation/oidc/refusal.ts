import { LoginRefused } from '@tenure/domain';

/** Reason for which an OpenID Connect login is refused: a stable word for audit and metrics. */
export type OidcRefusal =
  | 'audience-mismatch'
  | 'authorization-refused' // the provider answered with an error, such as access_denied
  | 'client-refused' // the provider does not accept our client id or secret: a setting is wrong
  | 'context-unsatisfied' // the provider cannot authenticate with a demanded `acr` (unmet_authentication_requirements)
  | 'code-refused' // the token endpoint does not accept the code
  | 'interaction-needed' // the provider has no session, and no interaction was allowed (login_required and its like)
  | 'issuer-mismatch' // also RFC 9207: the answer came from another provider
  | 'malformed'
  | 'nonce-mismatch'
  | 'provider-unreachable'
  | 'state-mismatch'
  | 'subject-mismatch' // userinfo is about another subject (OIDC core 5.3.2)
  | 'token-expired'
  | 'token-invalid'
  | 'too-large';

/** Creates a refusal. The message is for logs and audit, never for the person. */
export function refuseOidc(reason: OidcRefusal, message: string, cause?: unknown): LoginRefused {
  return new LoginRefused(reason, message, {}, cause === undefined ? undefined : { cause });
}
