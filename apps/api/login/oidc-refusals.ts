import { LoginRefused } from '@tenure/domain';
import { type OidcRefusal, refuseOidc } from '@tenure/federation';
import { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { ProviderUnreachable } from '@tenure/outbound';

/** Translates an error of openid-client into a refusal. */
export function toOidcRefusal(error: unknown): LoginRefused {
  if (error instanceof LoginRefused) return error;
  if (causes(error).some((cause) => cause instanceof ProviderUnreachable))
    return refuseOidc('provider-unreachable', 'the provider did not answer as expected', error);
  if (error instanceof AuthorizationResponseError)
    return refuseOidc(DEMANDS[error.error] ?? 'authorization-refused', `the provider answered ${word(error.error)}`, error);
  if (error instanceof ResponseBodyError) return tokenEndpointError(error);
  if (error instanceof WWWAuthenticateChallengeError) return refuseOidc('client-refused', 'the provider does not accept our client credentials', error);
  return error instanceof ClientError ? byCode(error) : refuseOidc('token-invalid', 'the answer of the provider does not verify', error);
}

/** Error codes that answer a demand of the request (OpenID Connect core 3.1.2.6, Unmet Authentication Requirements 1.0). */
const DEMANDS: Readonly<Record<string, OidcRefusal>> = {
  login_required: 'interaction-needed',
  interaction_required: 'interaction-needed',
  consent_required: 'interaction-needed',
  account_selection_required: 'interaction-needed',
  unmet_authentication_requirements: 'context-unsatisfied',
};

function tokenEndpointError(error: ResponseBodyError): LoginRefused {
  if (error.status >= 500) return refuseOidc('provider-unreachable', `the token endpoint answered ${error.status}`, error);
  if (error.error === 'invalid_client' || error.error === 'unauthorized_client')
    return refuseOidc('client-refused', `the token endpoint answered ${word(error.error)}`, error);
  return refuseOidc('code-refused', `the token endpoint answered ${word(error.error)}`, error);
}

function byCode(error: ClientError): LoginRefused {
  switch (error.code) {
    case 'OAUTH_TIMEOUT':
    case 'OAUTH_ABORT':
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
      return refuseOidc('provider-unreachable', 'the provider did not answer as expected', error);
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return refuseOidc('token-expired', 'the ID token is not valid at this time', error);
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return refuseOidc(mismatch(error), 'a claim of the ID token is not what it has to be', error);
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return refuseOidc('subject-mismatch', 'userinfo speaks of somebody else', error);
    default:
      return refuseOidc('token-invalid', 'the answer of the provider does not verify', error);
  }
}

/** Refusal for a claim that does not match; its name is two causes down. */
function mismatch(error: ClientError): OidcRefusal {
  const claim = causes(error)
    .map((cause) => (typeof cause === 'object' && cause !== null && 'claim' in cause ? cause.claim : null))
    .find((name) => name !== null);
  switch (claim) {
    case 'nonce':
      return 'nonce-mismatch';
    case 'iss':
      return 'issuer-mismatch';
    case 'aud':
    case 'azp':
      return 'audience-mismatch';
    default:
      return 'token-invalid';
  }
}

function causes(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let cause = error; cause && chain.length < 8; cause = cause instanceof Error ? cause.cause : undefined) chain.push(cause);
  return chain;
}

/** Error codes of OAuth 2.0 (RFC 6749 sections 4.1.2.1 and 5.2) and OpenID Connect (core 3.1.2.6): any other value is text of the provider. */
const CODES: ReadonlySet<string> = new Set([
  'access_denied',
  'account_selection_required',
  'consent_required',
  'interaction_required',
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_request_object',
  'invalid_request_uri',
  'invalid_scope',
  'login_required',
  'registration_not_supported',
  'request_not_supported',
  'request_uri_not_supported',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unmet_authentication_requirements',
  'unsupported_grant_type',
  'unsupported_response_type',
]);

function word(text: string): string {
  return CODES.has(text) ? text : 'an unknown error';
}
