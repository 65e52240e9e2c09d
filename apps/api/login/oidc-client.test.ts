import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createBrowser } from '@tenure/testing/browser.ts';
import { type RunningOidcProvider, startOidcProvider } from '@tenure/testing/identity-providers/oidc-provider.ts';
import { type RunningServer, startServer } from '@tenure/testing/identity-providers/start-server.ts';
import { createOidcClient, newOidcSecrets, type OidcClient, type OidcSecrets } from './oidc-client.ts';

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
