import { generateKeyPairSync } from 'node:crypto';
import type { SignatureKey } from '@tenure/engine/keys';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createBrowser } from '@tenure/testing/browser.ts';
import { type OidcProviderOptions, type RunningOidcProvider, startOidcProvider } from '@tenure/testing/identity-providers/oidc-provider.ts';
import { type RunningServer, startServer } from '@tenure/testing/identity-providers/start-server.ts';
import { methodFor } from './client-authentication.ts';
import { createOidcClient, newOidcSecrets, type OidcClient, type OidcClientSettings, type OidcSecrets } from './oidc-client.ts';

const PEOPLE = [
  {
    name: 'ada',
    subject: 'u-1',
    attributes: { given_name: 'Ada', family_name: 'Lovelace', email: 'ada@fabrikam.example', email_verified: true, employee_number: '7' },
  },
  { name: 'bob', attributes: { given_name: 'Bob' } },
];
const now = () => new Date().toISOString();
const refused = (reason: string) => expect.objectContaining({ code: 'LOGIN_REFUSED', reason });

let callback: RunningServer;
let provider: RunningOidcProvider;
let client: OidcClient;
let redirectUri: string;

beforeAll(async () => {
  callback = await startServer((_request, response) => response.end('arrived'), 0);
  redirectUri = `${callback.url}/oidc/fabrikam/callback`;
  provider = await startOidcProvider({ port: 0, people: () => PEOPLE, redirectUri });
  client = clientOf(provider.issuer, provider.clientSecret);
});
afterAll(async () => {
  client.stop();
  await Promise.all([callback.stop(), provider.stop()]);
});

function clientOf(issuer: string, clientSecret: string): OidcClient {
  return createOidcClient({
    issuer,
    clientId: 'tenure',
    clientSecret,
    scopes: ['openid', 'profile', 'email'],
    userInfo: 'when-needed',
    claimsRead: null,
    redirectUri,
    postLogoutRedirectUri: `${callback.url}/oidc/fabrikam/logged-out`,
    keyring: { signing: () => Promise.reject(new Error('there is no key')) },
  });
}

/** Logs a person in at the provider. @returns the address to which the browser then came */
async function answerTo(secrets: OidcSecrets, person = 'ada', from: OidcClient = client): Promise<URL> {
  const page = await createBrowser().logIn(await from.authorizationUrl(secrets, now()), person);
  expect(page.body).toBe('arrived');
  return new URL(page.url);
}

describe('OpenID Connect core 3.1: login by authorization code', () => {
  test('the request carries state, nonce and an S256 challenge, and never the verifier (RFC 7636)', async () => {
    const secrets = newOidcSecrets();
    const url = new URL(await client.authorizationUrl(secrets, now()));
    const { state, nonce, code_challenge_method: method, response_type: type } = Object.fromEntries(url.searchParams);
    expect({ state, nonce, method, type }).toEqual({ state: secrets.state, nonce: secrets.nonce, method: 'S256', type: 'code' });
    expect(url.href).not.toContain(secrets.verifier);
  });

  test('says who logged in, with the claims of ID token and userinfo', async () => {
    const secrets = newOidcSecrets();
    expect(await client.callback(await answerTo(secrets), secrets, now())).toEqual({
      issuer: provider.issuer,
      subject: 'u-1',
      sessionId: null,
      authenticatedAt: null,
      acr: null,
      idToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      sessionEnd: null,
      userInfoError: null,
      claims: { ...PEOPLE[0]?.attributes, sub: 'u-1' },
    });
  });

  test('one browser can log in as several people, one after the other', async () => {
    const browser = createBrowser();
    const subjects: string[] = [];
    for (const person of ['ada', 'bob', 'ada']) {
      const secrets = newOidcSecrets();
      const page = await browser.logIn(await client.authorizationUrl(secrets, now()), person);
      subjects.push((await client.callback(new URL(page.url), secrets, now())).subject);
    }
    expect(subjects).toEqual(['u-1', 'bob', 'u-1']);
  });

  test('login_hint logs in without asking', async () => {
    const secrets = newOidcSecrets();
    const page = await createBrowser().open(`${await client.authorizationUrl(secrets, now())}&login_hint=bob`);
    expect((await client.callback(new URL(page.url), secrets, now())).subject).toBe('bob');
  });

  test('refuses an answer with another state', async () => {
    const secrets = newOidcSecrets();
    const url = await answerTo(secrets);
    await expect(client.callback(url, { ...secrets, state: 'other' }, now())).rejects.toEqual(refused('state-mismatch'));
    url.searchParams.append('state', secrets.state);
    await expect(client.callback(url, secrets, now())).rejects.toEqual(refused('state-mismatch'));
  });

  test('refuses a token with another nonce', async () => {
    const secrets = newOidcSecrets();
    await expect(client.callback(await answerTo(secrets), { ...secrets, nonce: 'other' }, now())).rejects.toEqual(refused('nonce-mismatch'));
  });

  test('refuses a code without its verifier', async () => {
    const secrets = newOidcSecrets();
    await expect(client.callback(await answerTo(secrets), { ...secrets, verifier: newOidcSecrets().verifier }, now())).rejects.toEqual(refused('code-refused'));
  });

  test('refuses a code that was used before', async () => {
    const secrets = newOidcSecrets();
    const url = await answerTo(secrets);
    await client.callback(url, secrets, now());
    await expect(client.callback(url, secrets, now())).rejects.toEqual(refused('code-refused'));
  });

  test('refuses a token at a time when it is not valid', async () => {
    for (const minutes of [-10, 20]) {
      const secrets = newOidcSecrets();
      const at = new Date(Date.now() + minutes * 60_000).toISOString();
      await expect(client.callback(await answerTo(secrets), secrets, at)).rejects.toEqual(refused('token-expired'));
    }
  });

  test('takes a refusal of the provider for one', async () => {
    const secrets = newOidcSecrets();
    const url = new URL(`${redirectUri}?error=access_denied&state=${secrets.state}&iss=${encodeURIComponent(provider.issuer)}`);
    await expect(client.callback(url, secrets, now())).rejects.toEqual(refused('authorization-refused'));
  });

  test('a wrong client secret is told apart from a wrong code', async () => {
    const wrong = clientOf(provider.issuer, 'not-the-secret');
    const secrets = newOidcSecrets();
    await expect(wrong.callback(await answerTo(secrets, 'ada', wrong), secrets, now())).rejects.toEqual(refused('client-refused'));
    wrong.stop();
  });
});

describe('RFC 9207: issuer of the answer', () => {
  test('refuses an answer of another issuer, and one that lost its issuer', async () => {
    const secrets = newOidcSecrets();
    const url = await answerTo(secrets);
    expect(url.searchParams.get('iss')).toBe(provider.issuer);
    url.searchParams.set('iss', 'https://evil.example');
    await expect(client.callback(url, secrets, now())).rejects.toEqual(refused('issuer-mismatch'));
    url.searchParams.delete('iss');
    await expect(client.callback(url, secrets, now())).rejects.toEqual(refused('issuer-mismatch'));
  });
});

describe('OpenID Connect discovery 4', () => {
  test('a provider that cannot be reached is found by a later login', async () => {
    const absent = await startServer((_request, response) => response.end(), 0);
    await absent.stop();
    const late = clientOf(absent.url, 'secret');
    await expect(late.authorizationUrl(newOidcSecrets(), now())).rejects.toEqual(refused('provider-unreachable'));
    const arrived = await startOidcProvider({ port: Number(new URL(absent.url).port), people: () => PEOPLE, redirectUri });
    expect(await late.authorizationUrl(newOidcSecrets(), now())).toContain(arrived.issuer);
    late.stop();
    await arrived.stop();
  });

  test('refuses a document that names another issuer, and plain http on another host', async () => {
    const impostor = await startServer(
      (_request, response) =>
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ issuer: provider.issuer, authorization_endpoint: 'https://evil.example/' })),
      0,
    );
    for (const issuer of [impostor.url, 'http://op.example']) {
      const other = clientOf(issuer, 'secret');
      await expect(other.authorizationUrl(newOidcSecrets(), now())).rejects.toEqual(refused('provider-unreachable'));
      other.stop();
    }
    await impostor.stop();
  });
});

describe('what a provider demands of its client', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key: SignatureKey = { id: 'k-1', algorithm: 'RS256', publicJwk: {}, certificate: null, privateKey: pair.privateKey };
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'k-1', alg: 'RS256', use: 'sig' };
  const byKey = { client_secret: undefined, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } };

  async function logInTo(options: Partial<OidcProviderOptions>, settings: Partial<OidcClientSettings>) {
    // In Jest, a structured clone is an object of another realm, which oidc-provider does not take for a key.
    const clone = jest.spyOn(globalThis, 'structuredClone').mockImplementation((value) => JSON.parse(JSON.stringify(value)));
    const strict = await startOidcProvider({ port: 0, people: () => PEOPLE, redirectUri, ...options }).finally(() => clone.mockRestore());
    const of = createOidcClient({
      issuer: strict.issuer,
      clientId: 'tenure',
      clientSecret: null,
      scopes: ['openid', 'profile', 'email'],
      userInfo: 'always',
      claimsRead: null,
      redirectUri,
      postLogoutRedirectUri: redirectUri,
      keyring: { signing: () => Promise.resolve(key) },
      ...settings,
    });
    try {
      const secrets = newOidcSecrets();
      const url = new URL(await of.authorizationUrl(secrets, now()));
      const page = await createBrowser().logIn(url.href, 'ada');
      return { url, login: await of.callback(new URL(page.url), secrets, now()) };
    } finally {
      of.stop();
      await strict.stop();
    }
  }

  test('private_key_jwt (OpenID Connect core 9): signed with the key of the keyring', async () => {
    const { login } = await logInTo({ client: byKey }, { clientAuthentication: 'private_key_jwt' });
    expect(login.claims['given_name']).toBe('Ada');
  });

  test('another key than the registered one is refused there', async () => {
    const other = { ...key, privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey };
    const settings = { clientAuthentication: 'private_key_jwt', keyring: { signing: () => Promise.resolve(other) } } as const;
    await expect(logInTo({ client: byKey }, settings)).rejects.toThrow(refused('client-refused'));
  });

  test('a pushed request (RFC 9126): the address of the browser has a reference alone, and a request in the address is refused there', async () => {
    const client = { ...byKey, require_pushed_authorization_requests: true };
    const { url, login } = await logInTo({ client }, { clientAuthentication: 'private_key_jwt', pushRequests: true });
    expect([...url.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
    expect(login.subject).toBe('u-1');
    await expect(logInTo({ client }, { clientAuthentication: 'private_key_jwt' })).rejects.toThrow();
  });

  test('a request is pushed by itself where discovery demands it', async () => {
    const features = { pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true } };
    const { url } = await logInTo({ client: byKey, features }, { clientAuthentication: 'private_key_jwt' });
    expect(url.searchParams.has('request_uri')).toBe(true);
  });

  test('DPoP (RFC 9449), also where the provider wants a nonce', async () => {
    const nonceSecret = Buffer.alloc(32, 7);
    const features = { dPoP: { enabled: true, nonceSecret, requireNonce: () => true } };
    const client = { dpop_bound_access_tokens: true };
    const { login } = await logInTo({ features, client, clientSecret: 'a-secret' }, { clientSecret: 'a-secret', dpop: true });
    expect(login.claims['email']).toBe('ada@fabrikam.example');
    await expect(logInTo({ features, client, clientSecret: 'a-secret' }, { clientSecret: 'a-secret' })).rejects.toThrow(refused('code-refused'));
  });

  test.each<readonly [string | null, readonly string[] | undefined, string]>([
    ['s', undefined, 'client_secret_basic'],
    ['s', ['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
    ['s', ['client_secret_post'], 'client_secret_post'],
    ['s', ['private_key_jwt', 'tls_client_auth'], 'private_key_jwt'],
    [null, undefined, 'none'],
    [null, ['client_secret_basic', 'private_key_jwt'], 'none'],
    [null, ['private_key_jwt'], 'private_key_jwt'],
    [null, ['none', 'private_key_jwt'], 'none'],
  ])('with the secret %p at a provider that supports %j: %s', (clientSecret, supported, method) => {
    expect(methodFor({ clientSecret }, supported)).toBe(method);
  });
});
