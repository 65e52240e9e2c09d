import { readFile } from 'node:fs/promises';
import type { OidcApplicationSettings } from '@tenure/config';
import type { AllClientMetadata } from 'oidc-provider';

/** Algorithms of FAPI 2.0 Security Profile section 5.4. */
export const FAPI_ALGORITHMS: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** Client of the OpenID provider (OpenID Connect Dynamic Client Registration section 2) for an application of the configuration. */
export async function clientMetadata(application: OidcApplicationSettings, issuer: string): Promise<AllClientMetadata> {
  const { clientId, title, clientSecret, jwks, redirectUris, postLogoutRedirectUris, backchannelLogoutUri, profile } = application;
  const isFapi = profile === 'fapi2';
  // Keys count before a secret: who has both proves more by the key.
  const method = isFapi || jwks !== null ? 'private_key_jwt' : clientSecret === null ? 'none' : 'client_secret_basic';
  return {
    client_id: clientId,
    client_name: title,
    ...(method === 'client_secret_basic' ? { client_secret: clientSecret ?? '' } : {}),
    ...(method === 'private_key_jwt' ? await keysOf(jwks ?? '') : {}),
    token_endpoint_auth_method: method,
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: [...postLogoutRedirectUris],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
    subject_type: 'pairwise',
    // Names at an application are random and its own, whatever the hosts of its addresses. Nothing is read from here, and the library demands https.
    sector_identifier_uri: `${issuer.replace(/^http:/, 'https:')}/sector`,
    id_token_signed_response_alg: isFapi ? 'PS256' : 'RS256',
    ...(backchannelLogoutUri === null ? {} : { backchannel_logout_uri: backchannelLogoutUri, backchannel_logout_session_required: true }),
    ...(isFapi ? { require_pushed_authorization_requests: true, dpop_bound_access_tokens: true } : {}),
  };
}

/** Keys of an application: fetched by the provider where they have an address, else read from their file. */
async function keysOf(place: string): Promise<Pick<AllClientMetadata, 'jwks' | 'jwks_uri'>> {
  if (/^https?:\/\//.test(place)) return { jwks_uri: place };
  const { keys } = JSON.parse(await readFile(place, 'utf8')) as NonNullable<AllClientMetadata['jwks']>;
  return { jwks: { keys } };
}
