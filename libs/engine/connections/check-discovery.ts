import { randomBytes } from 'node:crypto';
import type { OidcProviderSettings } from '@tenure/config';
import { providerFetch, refusedAddress } from '@tenure/outbound';
import type { StepResult } from '@tenure/domain';
import type { ProviderFound } from './check-metadata.ts';
import { ProviderFails, textOf } from './provider-answer.ts';

type Json = Readonly<Record<string, unknown>>;

/** Reads an OpenID provider's discovery document and keys, and checks whether it knows Tenure as a client. */
export async function checkDiscovery(settings: OidcProviderSettings, url: string): Promise<ProviderFound> {
  const { issuer, name } = settings;
  const field = `identityProviders.${name}.issuer`;
  const home = new URL(issuer);
  // OpenID Connect Discovery 1.0 section 4.1
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const document = json(await textOf(await providerFetch(address, { home: issuer }), 'a discovery document', field), 'its discovery document', field);
  mustBeItself(document['issuer'], settings, field);
  for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    const found = URL.parse(String(document[endpoint] ?? ''));
    const wrong = found === null ? 'is missing' : refusedAddress(found, home);
    if (wrong !== null) throw new ProviderFails('answers', 'DISCOVERY_INVALID', `${endpoint} of its discovery document cannot be used: ${wrong}`);
  }
  const keys = json(await textOf(await providerFetch(String(document['jwks_uri']), { home: issuer }), 'its keys', field), 'its list of keys', field);
  if (!Array.isArray(keys['keys']) || keys['keys'].length === 0)
    throw new ProviderFails('answers', 'NO_KEYS', 'it publishes no signing keys: no login could be verified');
  return {
    limits:
      document['userinfo_endpoint'] === undefined && settings.userInfo !== 'never'
        ? [{ code: 'NO_USER_INFO', message: 'it has no userinfo endpoint: only the claims of its ID token are known' }]
        : [],
    more: { credentials: await askForNothing(settings, `${url}/oidc/${encodeURIComponent(name)}/callback`, String(document['token_endpoint'])) },
  };
}

function json(text: string, what: string, field: string): Json {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found === 'object' && found !== null) return found as Json;
  } catch {
    // below
  }
  throw new ProviderFails('answers', 'NOT_JSON', `${what} is not JSON: check ${field}`);
}

function mustBeItself(found: unknown, { issuer }: OidcProviderSettings, field: string): void {
  if (found === issuer) return;
  const slash = typeof found === 'string' && found.replace(/\/$/, '') === issuer.replace(/\/$/, '');
  const how = slash ? (issuer.endsWith('/') ? 'without the slash at the end' : 'with a slash at the end') : 'as its discovery document says it';
  throw new ProviderFails('answers', 'ISSUER_MISMATCH', `it calls itself by another issuer: write ${field} exactly ${how}`);
}

/**
 * Requests a token for a code that does not exist: a provider checks the client before the code (RFC 6749 section 5.2), so `invalid_grant` means that
 * it accepts the client, and nobody is logged in by it.
 */
async function askForNothing(
  { name, issuer, clientId, clientSecret }: OidcProviderSettings,
  redirectUri: string,
  endpoint: string,
): Promise<Omit<StepResult, 'step'>> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code: `tenure-check-${randomBytes(16).toString('hex')}`,
    redirect_uri: redirectUri,
    code_verifier: randomBytes(32).toString('base64url'),
    ...(clientSecret === null ? { client_id: clientId } : {}),
  });
  const encoded = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2);
  const basic = clientSecret === null ? {} : { authorization: `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}` };
  const answer = await providerFetch(endpoint, {
    method: 'POST',
    home: issuer,
    headers: { ...basic, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  });
  const error = errorOf(await answer.text());
  if (error === 'invalid_client' || error === 'unauthorized_client' || answer.status === 401) {
    const setting = clientSecret === null ? 'clientId' : 'clientId and the variable behind clientSecret';
    throw new ProviderFails('credentials', 'INVALID_CLIENT', `it does not accept Tenure as a client: check ${setting} of identityProviders.${name}`);
  }
  if (error === 'invalid_grant') return { result: 'ok', reason: null, message: null };
  return { result: 'not-tested', reason: `HTTP_${answer.status}`, message: 'whether it accepts the client shows with the first login' };
}

function errorOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { readonly error?: unknown } | null)?.error;
  } catch {
    return undefined;
  }
}
