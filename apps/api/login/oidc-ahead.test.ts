import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { type HostileOp, startHostileOp } from '../test/attacks/hostile-op.ts';
import { createOidcClient, newOidcSecrets, type OidcClient } from './oidc-client.ts';

/** Provider data that a login needs ahead of time. */
const redirectUri = 'http://127.0.0.1:9/oidc/op/callback';
let op: HostileOp;
let client: OidcClient;
let problems: Error[];
beforeEach(async () => {
  op = await startHostileOp();
  op.person = { sub: 'u-1', email: 'ada@corp.example' };
  problems = [];
  client = follow();
});
afterEach(async () => {
  client.stop();
  jest.useRealTimers();
  await op.stop();
});

const now = () => new Date().toISOString();
const follow = (onProblem: (error: Error) => void = (error) => void problems.push(error)): OidcClient =>
  createOidcClient({
    issuer: op.issuer,
    clientId: 'tenure',
    clientSecret: 'a-shared-secret-of-32-characters!',
    scopes: ['openid'],
    userInfo: 'when-needed',
    claimsRead: ['email'],
    redirectUri,
    postLogoutRedirectUri: 'http://127.0.0.1/logged-out',
    keyring: { signing: () => Promise.reject(new Error('there is no key')) },
    onProblem,
  });

async function logIn(): Promise<{ readonly subject: string; readonly asked: readonly string[] }> {
  const before = op.seen.length;
  const secrets = newOidcSecrets();
  const answer = await op.visit(await client.authorizationUrl(secrets, now()));
  const { subject } = await client.callback(answer, secrets, now());
  return {
    subject,
    asked: op.seen
      .slice(before)
      .map(({ path }) => path)
      .filter((path) => !path.startsWith('/authorize')),
  };
}

test('a login of a prepared provider asks the token endpoint and nothing else', async () => {
  await client.prepare();
  expect(await logIn()).toEqual({ subject: 'u-1', asked: ['/token'] });
  expect(await logIn()).toEqual({ subject: 'u-1', asked: ['/token'] });
});

test('user info is asked where the ID token lacks a claim that is read, and only then', async () => {
  await client.prepare();
  op.play({ userinfo: (sub) => ({ sub, email: 'ada@corp.example' }), claims: ({ email: _email, ...rest }) => rest });
  expect((await logIn()).asked).toEqual(['/token', '/userinfo']);
});

test('a key that is new since is fetched at once, and the login is let in', async () => {
  await client.prepare();
  await op.rotate();
  expect(await logIn()).toEqual({ subject: 'u-1', asked: ['/token', '/jwks'] });
});

test('keys that do not come ahead are fetched by the login; what was wrong is told', async () => {
  op.play({ instead: (path, _request, response) => path === '/jwks' && isAway(response) });
  await client.prepare();
  expect(problems).toHaveLength(1);
  op.behave();
  expect(await logIn()).toEqual({ subject: 'u-1', asked: ['/token', '/jwks'] });
});

test('keys are fetched again in the background before the library takes them for too old', async () => {
  client.stop();
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'queueMicrotask', 'performance', 'Date'] });
  client = follow();
  await client.prepare();
  const keysAsked = () => op.seen.filter(({ path }) => path === '/jwks').length;
  expect(keysAsked()).toBe(1);
  jest.advanceTimersByTime(120_000);
  jest.useRealTimers();
  while (keysAsked() < 2) await new Promise((resolve) => setImmediate(resolve));
  // The keys that came are the ones by which the next login is verified.
  expect((await logIn()).subject).toBe('u-1');
});

test('a provider that is away is told of, and found by the first login', async () => {
  op.play({ instead: (_path, _request, response) => isAway(response) });
  await client.prepare();
  expect(problems).toHaveLength(1);
  op.behave();
  expect((await logIn()).asked).toEqual(['/.well-known/openid-configuration', '/jwks', '/token']);
});

function isAway(response: { writeHead(status: number): { end(): unknown } }): true {
  response.writeHead(503).end();
  return true;
}
