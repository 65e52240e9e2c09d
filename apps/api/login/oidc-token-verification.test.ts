import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type RunningServer, startServer } from '@tenure/testing/identity-providers/start-server.ts';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { createOidcClient, newOidcSecrets } from './oidc-client.ts';

const refused = (reason: string) => expect.objectContaining({ code: 'LOGIN_REFUSED', reason });
const running: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

/** Answers of the test's provider; all are valid unless set otherwise. */
interface Behaviour {
  readonly claims?: (good: JWTPayload) => JWTPayload;
  readonly sign?: (claims: JWTPayload) => Promise<string>;
  readonly userinfo?: (subject: string) => object;
  readonly tokenStatus?: number;
  readonly userinfoStatus?: number;
  readonly userInfo?: 'when-needed' | 'always' | 'never';
  readonly claimsRead?: readonly string[] | null;
}

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const other = await generateKeyPair('RS256');
const rs256 = (key: CryptoKey) => (claims: JWTPayload) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key);

/** Goes through a login against a provider with this behaviour. */
async function logIn({
  claims = (good) => good,
  sign = rs256(privateKey),
  userinfo = (sub) => ({ sub }),
  tokenStatus = 200,
  userinfoStatus = 200,
  userInfo = 'when-needed',
  claimsRead = null,
}: Behaviour) {
  const secrets = newOidcSecrets();
  const answers: Record<string, () => unknown> = {
    '/.well-known/openid-configuration': () => ({
      issuer: server.url,
      authorization_endpoint: `${server.url}/authorize`,
      token_endpoint: `${server.url}/token`,
      jwks_uri: `${server.url}/jwks`,
      userinfo_endpoint: `${server.url}/userinfo`,
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code'],
    }),
    '/jwks': async () => ({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }] }),
    '/userinfo': () => userinfo('u-1'),
    '/token': async () => {
      const seconds = Math.floor(Date.now() / 1000);
      const good = { iss: server.url, aud: 'tenure', sub: 'u-1', nonce: secrets.nonce, iat: seconds, exp: seconds + 60, email: 'signed@x.example' };
      return { access_token: 'a', token_type: 'Bearer', id_token: await sign(claims(good)) };
    },
  };
  const server: RunningServer = await startServer(
    (request, response) => void answer(answers, { '/token': tokenStatus, '/userinfo': userinfoStatus }, request, response),
    0,
  );
  const client = createOidcClient({
    issuer: server.url,
    clientId: 'tenure',
    clientSecret: 'a-shared-secret-of-32-characters!',
    scopes: ['openid'],
    userInfo,
    claimsRead,
    redirectUri: 'https://tenure.example/callback',
    postLogoutRedirectUri: 'http://127.0.0.1/logged-out',
    keyring: { signing: () => Promise.reject(new Error('there is no key')) },
  });
  running.push(client, server);
  return client.callback(new URL(`https://tenure.example/callback?code=c&state=${secrets.state}`), secrets, new Date().toISOString());
}

async function answer(
  answers: Record<string, () => unknown>,
  statuses: Readonly<Record<string, number>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? '';
  response.writeHead(statuses[path] ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(await answers[path]?.()));
}

describe('OpenID Connect core 3.1.3.7: ID token validation', () => {
  test('accepts a good token, and believes it before userinfo', async () => {
    const login = await logIn({ userinfo: (sub) => ({ sub, email: 'other@x.example', department: null }), claims: (good) => ({ ...good, sid: 's-1' }) });
    expect(login).toMatchObject({ subject: 'u-1', sessionId: 's-1', claims: { sub: 'u-1', email: 'signed@x.example', department: [] } });
  });

  test.each<readonly [string, Behaviour, string]>([
    ['a signature by another key', { sign: rs256(other.privateKey) }, 'token-invalid'],
    [
      'the client secret as an HMAC key',
      { sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from('a-shared-secret-of-32-characters!')) },
      'token-invalid',
    ],
    [
      'no signature',
      { sign: async (claims) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.` },
      'token-invalid',
    ],
    ['another issuer', { claims: (good) => ({ ...good, iss: 'https://evil.example' }) }, 'issuer-mismatch'],
    ['another audience', { claims: (good) => ({ ...good, aud: 'someone-else' }) }, 'audience-mismatch'],
    [
      "several audiences for somebody else's use",
      { claims: (good) => ({ ...good, aud: ['tenure', 'someone-else'], azp: 'someone-else' }) },
      'audience-mismatch',
    ],
    ['no nonce', { claims: ({ nonce: _nonce, ...good }) => good }, 'token-invalid'],
    ['an end that is past', { claims: (good) => ({ ...good, exp: Number(good.exp) - 600, iat: Number(good.iat) - 600 }) }, 'token-expired'],
    ['an empty subject, though nothing else is asked', { claims: (good) => ({ ...good, sub: '' }), userInfo: 'never' }, 'token-invalid'],
    ['userinfo of nobody', { userinfo: () => ({ email: 'a@x.example' }) }, 'token-invalid'],
    ['no subject', { claims: ({ sub: _sub, ...good }) => good }, 'token-invalid'],
    ['text that is no token', { sign: async () => 'hello' }, 'token-invalid'],
    ['userinfo of somebody else', { userinfo: () => ({ sub: 'u-2' }) }, 'subject-mismatch'],
    ['a token endpoint that is down', { tokenStatus: 503 }, 'provider-unreachable'],
    ['claims of unreasonable size', { userinfo: (sub) => ({ sub, note: 'x'.repeat(70_000) }) }, 'too-large'],
  ])('refuses %s', async (_title, behaviour, reason) => {
    await expect(logIn(behaviour)).rejects.toEqual(refused(reason));
  });
});

describe('OpenID Connect core 5.3: the user info endpoint', () => {
  const said = (sub: string) => ({ sub, department: 'Finance', email: 'signed@x.example' });
  const department = (login: Awaited<ReturnType<typeof logIn>>) => login.claims['department'] ?? null;
  const broken = { userinfo: () => ({ sub: 'u-2' }) };

  test.each<readonly [string, Behaviour, string | null]>([
    ['is asked where the ID token lacks a claim that is read', { claimsRead: ['email', 'department'] }, 'Finance'],
    ['is not asked where the ID token has all that is read', { claimsRead: ['email'] }, null],
    ['is asked where the entry says always', { claimsRead: ['email'], userInfo: 'always' }, 'Finance'],
    ['is not asked where the entry says never', { claimsRead: ['email', 'department'], userInfo: 'never' }, null],
    ['keeps nobody out by being down, where nothing is read of it', { claimsRead: ['email'], userInfo: 'always', userinfoStatus: 503 }, null],
  ])('%s', async (_title, behaviour, expected) => {
    const login = await logIn({ userinfo: said, ...behaviour });
    expect([department(login), login.userInfoError]).toEqual([expected, null]);
  });

  test.each([401, 403, 500])('that answers %d though a claim is missing is told apart from a claim that is absent', async (userinfoStatus) => {
    const login = await logIn({ userinfo: said, userinfoStatus, claimsRead: ['department'] });
    expect([login.subject, department(login), login.userInfoError?.message]).toEqual(['u-1', null, 'user info was refused']);
  });

  test('that speaks of somebody else is refused, also where it was asked though nothing was missing', async () => {
    await expect(logIn({ ...broken, claimsRead: ['email'], userInfo: 'always' })).rejects.toEqual(refused('subject-mismatch'));
  });
});

describe("OpenID Connect Enterprise Extensions: the provider's session", () => {
  const end = Math.floor(Date.now() / 1000) + 120;
  test('is bounded by session_expiry, which is no claim about the person', async () => {
    const login = await logIn({ claims: (good) => ({ ...good, session_expiry: end }) });
    expect([login.sessionEnd, login.claims['session_expiry']]).toEqual([new Date(end * 1000).toISOString(), undefined]);
  });
  test.each(['soon', -1, 1e15, null, [end]])('refuses %p, which is no time', async (wrong) => {
    await expect(logIn({ claims: (good) => ({ ...good, session_expiry: wrong }) })).rejects.toEqual(refused('token-invalid'));
  });
});
