import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let person: { id: string; token: string };
const own = 'http://localhost:4000';
const query = '{ me { id } }';

beforeAll(async () => {
  api = await createTestApi();
  person = await api.person('Sales');
});
afterAll(() => api.stop());

describe('a request with the session cookie', () => {
  const codeOf = async (headers: Record<string, string>): Promise<string | null> =>
    (await api.graphql(query, { cookie: person.token, headers })).errors[0]?.extensions.code ?? null;

  test('is answered from our own pages, and with a header that no other site can set', async () => {
    expect(await codeOf({ origin: own })).toBeNull();
    expect(await codeOf({ 'x-tenure-csrf': '1', origin: 'https://evil.example' })).toBeNull();
  });

  test('is refused from another site, from nowhere, and as a form', async () => {
    expect(await codeOf({ origin: 'https://evil.example' })).toBe('FORBIDDEN');
    expect(await codeOf({ origin: 'http://localhost:4000.evil.example' })).toBe('FORBIDDEN');
    expect(await codeOf({ origin: 'null' })).toBe('FORBIDDEN');
    expect(await codeOf({})).toBe('FORBIDDEN');
    for (const [type, payload] of [
      ['text/plain', JSON.stringify({ query })],
      ['application/graphql', query],
      ['application/x-www-form-urlencoded', `query=${query}`],
    ] as const) {
      const response = await api.app.inject({
        method: 'POST',
        url: '/graphql',
        headers: { cookie: `tenure_session=${person.token}`, origin: own, 'content-type': type },
        payload,
      });
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(response.body).not.toContain(person.id);
    }
  });

  test('does not need any of that with a bearer token, and a wrong token is not saved by a cookie', async () => {
    expect((await api.graphql(query, { token: person.token })).errors).toEqual([]);
    const both = await api.graphql(query, { token: 'ts_wrong', cookie: person.token, headers: { origin: own } });
    expect(both.status).toBe(401);
  });
});

test('an address that shows many wrong tokens has to wait', async () => {
  const other = await createTestApi();
  const statuses: number[] = [];
  for (let index = 0; index < 62; index += 1) statuses.push((await other.graphql(query, { token: `tt_${index}` })).status);
  expect(statuses.slice(0, 60).every((status) => status === 401)).toBe(true);
  expect(statuses.at(-1)).toBe(429);
  await other.stop();
});

test('so has one that asks for too many new tokens, or begins too many logins', async () => {
  const other = await createTestApi();
  const admin = await other.serviceToken('admin');
  const codes: (string | undefined)[] = [];
  for (let index = 0; index < 31; index += 1) {
    const { errors } = await other.graphql(
      'mutation { createServiceToken(input: { name: "t", roles: ["auditor"], expiresAt: "2026-03-02T00:00:00Z" }) { token } }',
      { token: admin },
    );
    codes.push(errors[0]?.extensions.code);
  }
  expect([...new Set(codes.slice(0, 30)), codes.at(-1)]).toEqual([undefined, 'RATE_LIMITED']);
  const statuses: number[] = [];
  for (let index = 0; index < 601; index += 1) statuses.push((await other.app.inject({ method: 'GET', url: '/saml/nobody/login' })).statusCode);
  expect([...new Set(statuses.slice(0, 600)), statuses.at(-1)]).toEqual([404, 429]);
  await other.stop();
});

describe('logging out', () => {
  test('needs the token of our own form, ends the session in the database and removes the cookie', async () => {
    const somebody = await api.person('Sales');
    const cookie = `tenure_session=${somebody.token}`;
    const page = await api.app.inject({ method: 'GET', url: '/me', headers: { cookie } });
    const token = /name="token" value="([^"]+)"/.exec(page.body)?.[1] ?? '';
    const send = (payload: string) =>
      api.app.inject({ method: 'POST', url: '/logout', headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' }, payload });
    expect((await send('')).statusCode).toBe(403);
    expect((await send('token=guessed')).statusCode).toBe(403);
    expect((await api.graphql(query, { token: somebody.token })).errors).toEqual([]);
    const out = await send(`token=${encodeURIComponent(token)}`);
    expect([out.statusCode, out.headers.location]).toEqual([303, '/me']);
    expect(String(out.headers['set-cookie'])).toMatch(/^tenure_session=;.*Expires=Thu, 01 Jan 1970/);
    expect((await api.graphql(query, { token: somebody.token })).status).toBe(401);
    expect((await api.app.inject({ method: 'GET', url: '/me', headers: { cookie } })).body).toContain('Log in');
  });
});

describe('every answer', () => {
  test('carries the headers that keep a browser from being used against people', async () => {
    for (const url of ['/', '/me', '/me.js', '/health/live', '/nowhere']) {
      const { headers } = await api.app.inject({ method: 'GET', url });
      expect(headers['content-security-policy']).toBe(
        "default-src 'none';style-src 'self';script-src 'self';connect-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['strict-transport-security']).toBeUndefined();
    }
  });

  test('over https, says that it stays so, and the cookie is bound to this host', async () => {
    const secure = await createTestApi({ url: 'https://tenure.example' });
    const { headers } = await secure.app.inject({ method: 'GET', url: '/' });
    expect(headers['strict-transport-security']).toContain('max-age=31536000');
    const { token } = await secure.person('Sales');
    expect((await secure.app.inject({ method: 'GET', url: '/me', headers: { cookie: `__Host-tenure_session=${token}` } })).body).toContain('Hello, Person 1');
    expect((await secure.app.inject({ method: 'GET', url: '/me', headers: { cookie: `tenure_session=${token}` } })).body).toContain('Log in');
    await secure.stop();
  });
});
