import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import { base64url, calculateJwkThumbprint, decodeProtectedHeader, SignJWT } from 'jose';
import { pino } from 'pino';
import { createApp } from '../../server/create-app.ts';
import {
  authorization,
  call,
  type ClientName,
  CLIENTS,
  createOpenidTest,
  exchange,
  logInto,
  type OpenidTest,
  secretOf,
  type Somebody,
  type Visited,
} from './testing/openid-test.ts';

let openid: OpenidTest;
let person: Somebody;
beforeAll(async () => {
  openid = await createOpenidTest();
  person = await openid.person('Sales');
  await person.logIn();
});
afterAll(() => openid.stop());

const ask = async (
  application: ClientName,
  parameters: Record<string, string | null> = {},
): Promise<Visited & { verifier: string; answer: Record<string, string> }> => {
  const { address, verifier } = await authorization(openid, application, parameters);
  const visited = await person.visit(address);
  return { ...visited, verifier, answer: Object.fromEntries(visited.url.searchParams) };
};
const status = async (accessToken: string): Promise<number> =>
  (await fetch(`${openid.issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } })).status;

/** Tenure with other settings on the same database. */
const otherApp = (more: Partial<Configuration>): ReturnType<typeof createApp> => {
  const { store, engine, configuration } = openid.api;
  const other = { ...configuration, ...more };
  const logger = pino({ level: 'silent' });
  return createApp({
    store,
    engine: { ...engine, configuration: other },
    configuration: other,
    clock: () => new Date().toISOString(),
    logger,
    temporalUiUrl: null,
  });
};

describe('redirect URIs (RFC 9700 section 4.1)', () => {
  test.each([
    ['a prefix', 'https://wiki.example/callback/more'],
    ['a suffix of the host', 'https://wiki.example.evil.example/callback'],
    ['another host before @', 'https://wiki.example@evil.example/callback'],
    ['a path that leads up', 'https://wiki.example/callback/../evil'],
    ['an encoded path that leads up', 'https://wiki.example/callback/%2e%2e/evil'],
    ['another port', 'https://wiki.example:8443/callback'],
    ['the standard port', 'https://wiki.example:443/callback'],
    ['another case of the path', 'https://wiki.example/Callback'],
    ['another case of the host', 'https://WIKI.example/callback'],
    ['a wildcard', 'https://*.example/callback'],
    ['a fragment', 'https://wiki.example/callback#x'],
    ['a query', 'https://wiki.example/callback?next=https://evil.example'],
    ['a trailing slash', 'https://wiki.example/callback/'],
    ['http', 'http://wiki.example/callback'],
    ['a script', 'javascript:alert(1)'],
    ['that of another application', CLIENTS.crm.redirect],
    ['a backslash', 'https://wiki.example\\@evil.example/callback'],
    ['a line break', 'https://wiki.example/callback\r\nset-cookie: a=b'],
    ['an empty one', ''],
  ])('%s is answered with a page, and nobody is sent anywhere', async (_what, redirect) => {
    const { url, status: answered, body } = await ask('wiki', { redirect_uri: redirect });
    expect([url.origin, answered]).toEqual([openid.url, 400]);
    expect(body).toContain('Reference');
    expect(body).not.toContain('evil');
  });
  test('two of them, or two clients, are refused', async () => {
    const { address } = await authorization(openid, 'wiki');
    for (const more of [`&redirect_uri=${encodeURIComponent('https://evil.example')}`, '&client_id=crm-client', '&state=b']) {
      const visited = await person.visit(`${address}${more}`);
      expect(visited.url.searchParams.has('code')).toBe(false);
      expect(visited.url.hostname).not.toBe('evil.example');
    }
  });
  test('a code is exchanged with the address alone to which it went', async () => {
    const asked = await ask('wiki');
    const { body } = await call(openid, '/token', { ...exchange('wiki', asked, asked.verifier), redirect_uri: 'https://wiki.example/other' });
    expect(body).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('codes (RFC 9700 sections 4.4 to 4.8)', () => {
  test('a code of two requests at once gives tokens once, and then none', async () => {
    const asked = await ask('wiki');
    const form = exchange('wiki', asked, asked.verifier);
    const answers = await Promise.all([call(openid, '/token', form), call(openid, '/token', form), call(openid, '/token', form)]);
    expect(answers.filter((one) => one.status === 200).length).toBeLessThanOrEqual(1);
    for (const { body } of answers.filter((one) => one.status === 200)) expect(await status(String(body['access_token']))).toBe(401);
  });
  test('the code of another person does not fit the proof of one’s own request', async () => {
    const [own, stolen] = [await ask('wiki'), await ask('wiki')];
    expect((await call(openid, '/token', exchange('wiki', stolen, own.verifier))).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('the code of one application is none of another', async () => {
    const asked = await ask('wiki');
    const form = { ...exchange('crm', asked, asked.verifier), redirect_uri: CLIENTS.wiki.redirect };
    expect((await call(openid, '/token', form)).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('PKCE is needed, with S256, and is not left out later', async () => {
    expect((await ask('wiki', { code_challenge: null, code_challenge_method: null })).answer).toMatchObject({ error: 'invalid_request' });
    expect((await ask('spa', { code_challenge: null, code_challenge_method: null })).answer).toMatchObject({ error: 'invalid_request' });
    expect((await ask('wiki', { code_challenge_method: 'plain' })).answer).toMatchObject({ error: 'invalid_request' });
    expect((await ask('wiki', { code_challenge_method: null })).answer).toMatchObject({ error: 'invalid_request' });
    const asked = await ask('wiki');
    expect((await call(openid, '/token', exchange('wiki', asked, null))).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('an application whose entry says so does without PKCE, but not once it has begun with it, nor by a proof of another request', async () => {
    const without = await ask('old', { code_challenge: null, code_challenge_method: null });
    expect((await call(openid, '/token', exchange('old', without, null))).status).toBe(200);
    const injected = await ask('old', { code_challenge: null, code_challenge_method: null });
    expect((await call(openid, '/token', exchange('old', injected, 'a'.repeat(43)))).body).toMatchObject({ error: 'invalid_grant' });
    const begun = await ask('old');
    expect((await call(openid, '/token', exchange('old', begun, null))).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('a code expires after a minute', async () => {
    const asked = await ask('wiki');
    await openid.api.database.execute(
      `update openid_artifact set payload = payload || jsonb_build_object('exp', (payload->>'exp')::int - 61) where model = 'AuthorizationCode'`,
    );
    expect((await call(openid, '/token', exchange('wiki', asked, asked.verifier))).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('mix-up (RFC 9207): answers and errors name the issuer', async () => {
    expect((await ask('wiki')).answer['iss']).toBe(openid.issuer);
    expect((await ask('wiki', { scope: 'openid', max_age: '-1' })).answer).toMatchObject({ error: 'invalid_request', iss: openid.issuer });
  });
  test('a begun request belongs to the browser that has begun it', async () => {
    const victim = await openid.person('Sales');
    const { address } = await authorization(openid, 'wiki');
    const login = (await victim.visit(address, { logsIn: 'no' })).url;
    const returnTo = new URL(login.searchParams.get('returnTo') ?? '', openid.url).href;
    const other = await person.visit(returnTo);
    expect([other.url.origin, other.status]).toEqual([openid.url, 400]);
    expect((await person.visit(returnTo.replace('/interaction/', '/auth/'))).url.origin).toBe(openid.url);
    // A cookie that somebody has made up has no valid signature.
    person.jar.store(openid.url, [`tenure_openid_request=${returnTo.split('/').pop() ?? ''}; Path=/`]);
    expect((await person.visit(returnTo)).status).toBe(400);
  });
});

describe('request objects and response modes', () => {
  const unsigned = (claims: object): string => `${base64url.encode(JSON.stringify({ alg: 'none' }))}.${base64url.encode(JSON.stringify(claims))}.`;
  test.each([
    ['an unsigned request object', () => ({ request: unsigned({ redirect_uri: 'https://evil.example', client_id: 'wiki-client' }) })],
    ['a request at an address of the application’s own', () => ({ request_uri: 'https://wiki.example/request.jwt' })],
    ['a request at an address of our network', () => ({ request_uri: 'http://169.254.169.254/latest' })],
    ['a made-up pushed request', () => ({ request_uri: 'urn:ietf:params:oauth:request_uri:AAAAAAAAAAAAAAAAAAAAAA' })],
    ['a registration', () => ({ registration: '{"redirect_uris":["https://evil.example"]}' })],
  ])('%s is refused', async (_what, parameters) => {
    const { url } = await ask('wiki', parameters());
    expect([url.searchParams.has('code'), url.hostname === 'evil.example']).toEqual([false, false]);
  });
  test('a code goes to a form only where its page may lead to the application', async () => {
    const { address } = await authorization(openid, 'wiki', { response_mode: 'form_post' });
    const { body, headers } = await person.visit(address);
    expect(body).toContain('action="https://wiki.example/callback"');
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self' 'sha256-[^']+';.*form-action 'self' https:\/\/wiki\.example/);
  });
});

describe('tokens (RFC 9700 sections 4.9 to 4.14)', () => {
  const tokensOf = async (application: ClientName) => {
    const asked = await ask(application);
    return (await call(openid, '/token', exchange(application, asked, asked.verifier))).body as Record<string, string>;
  };
  const refresh = (application: ClientName, token: string) =>
    call(openid, '/token', { grant_type: 'refresh_token', refresh_token: token, ...secretOf(application) });

  test('a refresh token that comes again ends all tokens of its session, also the newest', async () => {
    const first = await tokensOf('wiki');
    const second = (await refresh('wiki', first['refresh_token'] ?? '')).body as Record<string, string>;
    expect(await status(second['access_token'] ?? '')).toBe(200);
    expect((await refresh('wiki', first['refresh_token'] ?? '')).body).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh('wiki', second['refresh_token'] ?? '')).body).toMatchObject({ error: 'invalid_grant' });
    expect(await status(second['access_token'] ?? '')).toBe(401);
    const ends = await openid.api.database.execute(`select reason from audit_event where action = 'application.sessionEnded' and identity_id = ?`, [person.id]);
    expect(ends.length).toBeGreaterThan(0);
  });
  test('a refresh token of two requests at once is good for one at most', async () => {
    const first = await tokensOf('wiki');
    const answers = await Promise.all([1, 2, 3].map(() => refresh('wiki', first['refresh_token'] ?? '')));
    expect(answers.filter((one) => one.status === 200).length).toBeLessThanOrEqual(1);
  });
  test('tokens of one application are none of another: refresh, introspection, revocation', async () => {
    const tokens = await tokensOf('wiki');
    expect((await refresh('crm', tokens['refresh_token'] ?? '')).body).toMatchObject({ error: 'invalid_grant' });
    expect((await call(openid, '/token/introspection', { token: tokens['access_token'] ?? '', ...secretOf('crm') })).body).toEqual({ active: false });
    await call(openid, '/token/revocation', { token: tokens['refresh_token'] ?? '', ...secretOf('crm') });
    expect((await call(openid, '/token/introspection', { token: tokens['access_token'] ?? '', ...secretOf('wiki') })).body).toMatchObject({
      active: true,
      client_id: 'wiki-client',
    });
    expect((await call(openid, '/token/introspection', { token: tokens['access_token'] ?? '' })).status).toBe(400);
  });
  test('the application itself revokes its tokens', async () => {
    const tokens = await tokensOf('wiki');
    expect((await call(openid, '/token/revocation', { token: tokens['refresh_token'] ?? '', ...secretOf('wiki') })).status).toBe(200);
    expect(await status(tokens['access_token'] ?? '')).toBe(401);
    expect((await refresh('wiki', tokens['refresh_token'] ?? '')).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('an access token is not taken from the address, nor an ID token or refresh token for one', async () => {
    const tokens = await tokensOf('wiki');
    expect((await fetch(`${openid.issuer}/me?access_token=${tokens['access_token'] ?? ''}`)).status).toBe(400);
    for (const wrong of [tokens['id_token'], tokens['refresh_token'], 'x', '']) expect(await status(wrong ?? '')).toBeGreaterThanOrEqual(400);
  });
  test('the database has no token that works, nor an address in clear', async () => {
    const tokens = await tokensOf('wiki');
    const rows = JSON.stringify(await openid.api.database.execute('select * from openid_artifact'));
    for (const token of [tokens['access_token'], tokens['refresh_token']]) expect(rows).not.toContain(token);
    expect(rows).not.toContain(person.email);
    expect(openid.api.log.join('')).not.toContain(tokens['access_token']);
  });
});

describe('DPoP (RFC 9449)', () => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const proof = (claims: Record<string, unknown>, { privateKey, publicKey } = keys, header: object = {}): Promise<string> =>
    new SignJWT({ jti: randomUUID(), iat: Math.floor(Date.now() / 1_000), ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicKey.export({ format: 'jwk' }) as never, ...header })
      .sign(privateKey);
  const atToken = {
    htm: 'POST',
    get htu() {
      return `${openid.issuer}/token`;
    },
  };
  const hash = async (token: string): Promise<string> =>
    base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))));
  const exchangeWith = async (dpop: string) => {
    const asked = await ask('spa');
    return call(openid, '/token', exchange('spa', asked, asked.verifier), { dpop });
  };

  test('a token is bound to the key of its proof, and worth nothing without it', async () => {
    const { body } = await exchangeWith(await proof(atToken));
    const [access, refreshToken] = [String(body['access_token']), String(body['refresh_token'])];
    expect(body['token_type']).toBe('DPoP');
    const at = { htm: 'GET', htu: `${openid.issuer}/me`, ath: await hash(access) };
    const use = async (dpop: string, scheme = 'DPoP') =>
      (await fetch(`${openid.issuer}/me`, { headers: { authorization: `${scheme} ${access}`, dpop } })).status;
    const good = await proof(at);
    expect(await use(good)).toBe(200);
    expect(await use(good)).toBe(401);
    expect(await status(access)).toBe(401);
    expect(await use(await proof({ ...at, ath: await hash('another') }))).toBeGreaterThanOrEqual(400);
    expect(await use(await proof({ ...at, htm: 'POST' }))).toBeGreaterThanOrEqual(400);
    expect(await use(await proof({ ...at, htu: `${openid.issuer}/token` }))).toBeGreaterThanOrEqual(400);
    expect(await use(await proof(at, other))).toBe(401);
    const refreshed = await call(
      openid,
      '/token',
      { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'spa-client' },
      { dpop: await proof(atToken, other) },
    );
    expect(refreshed.body).toMatchObject({ error: 'invalid_grant' });
  });
  test.each([
    ['for another address', () => proof({ ...atToken, htu: 'https://evil.example/token' })],
    ['for another method', () => proof({ htm: 'GET', htu: atToken.htu })],
    ['of yesterday', () => proof({ htm: 'POST', htu: atToken.htu, iat: Math.floor(Date.now() / 1_000) - 86_400 })],
    ['of another kind', () => proof({ htm: 'POST', htu: atToken.htu }, keys, { typ: 'JWT' })],
    ['with a private key in it', () => proof({ htm: 'POST', htu: atToken.htu }, keys, { jwk: keys.privateKey.export({ format: 'jwk' }) })],
    ['signed by another key', () => proof({ htm: 'POST', htu: atToken.htu }, { privateKey: other.privateKey, publicKey: keys.publicKey })],
    ['without an id', () => proof({ htm: 'POST', htu: atToken.htu, jti: undefined })],
  ])('a proof %s is refused', async (_what, make) => {
    expect((await exchangeWith(await make())).body).toMatchObject({ error: 'invalid_dpop_proof' });
  });
  test('a proof comes once, also if two requests bring it at once', async () => {
    const dpop = await proof(atToken);
    const answers = await Promise.all([exchangeWith(dpop), exchangeWith(dpop), exchangeWith(dpop)]);
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1);
  });
});

describe('FAPI 2.0 Security Profile, section 5.3', () => {
  const dpopKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const otherKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const assertion = (claims: Record<string, unknown> = {}, key: CryptoKey | KeyObject | Uint8Array = openid.bankKey, alg = 'ES256'): Promise<string> =>
    new SignJWT({ iss: 'bank-client', sub: 'bank-client', aud: openid.issuer, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg, kid: 'bank' })
      .setIssuedAt()
      .setExpirationTime('1 minute')
      .sign(key as CryptoKey);
  const proven = async (given?: string): Promise<Record<string, string>> => ({
    client_id: 'bank-client',
    client_assertion: given ?? (await assertion()),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  const dpop = (keys = dpopKeys): Promise<string> =>
    new SignJWT({ jti: randomUUID(), iat: Math.floor(Date.now() / 1_000), htm: 'POST', htu: `${openid.issuer}/token` })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: keys.publicKey.export({ format: 'jwk' }) as never })
      .sign(keys.privateKey);
  const push = async (more: Record<string, string> = {}, proof?: Record<string, string>) => {
    const { address, verifier } = await authorization(openid, 'bank', more);
    return { ...(await call(openid, '/request', { ...Object.fromEntries(new URL(address).searchParams), ...(proof ?? (await proven())) })), verifier };
  };
  const code = async () => {
    const { body, verifier } = await push();
    const query = new URLSearchParams({ client_id: 'bank-client', request_uri: String(body['request_uri']) });
    const visited = await person.visit(`${openid.issuer}/auth?${query.toString()}`);
    return { form: exchange('bank', visited, verifier), visited };
  };

  test('1: a request that was not pushed is refused', async () => expect((await ask('bank')).answer).toMatchObject({ error: 'invalid_request' }));
  test('2: nobody pushes a request without the proof of the application', async () => {
    const { address } = await authorization(openid, 'bank');
    expect((await call(openid, '/request', Object.fromEntries(new URL(address).searchParams))).status).toBe(401);
  });
  test('3: nor without PKCE or a redirect address', async () => {
    expect((await push({ code_challenge: '', code_challenge_method: '' })).body).toMatchObject({ error: 'invalid_request' });
    expect((await push({ redirect_uri: '' })).body).toMatchObject({ error: 'invalid_request' });
  });
  test('4: the proof names the issuer alone as its audience', async () => {
    for (const aud of [`${openid.issuer}/token`, `${openid.issuer}/request`, [openid.issuer, 'https://evil.example'], 'https://evil.example'])
      expect((await push({}, await proven(await assertion({ aud })))).body).toMatchObject({ error: 'invalid_client' });
  });
  test('5: it is of the application’s key and an algorithm of the profile', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect((await push({}, await proven(await assertion({}, rsa.privateKey, 'RS256')))).body).toMatchObject({ error: 'invalid_client' });
    expect((await push({}, await proven(await assertion({}, otherKeys.privateKey)))).body).toMatchObject({ error: 'invalid_client' });
    expect((await push({}, await proven(await assertion({}, new Uint8Array(32), 'HS256')))).body).toMatchObject({ error: 'invalid_client' });
  });
  test('6: it comes once, is of this application, and expires', async () => {
    const one = await assertion();
    expect((await push({}, await proven(one))).status).toBe(201);
    expect((await push({}, await proven(one))).body).toMatchObject({ error: 'invalid_client' });
    expect((await push({}, await proven(await assertion({ iss: 'wiki-client' })))).body).toMatchObject({ error: 'invalid_client' });
    expect((await push({}, { ...(await proven(await assertion({ sub: 'wiki-client' }))), client_id: 'bank-client' })).status).toBeGreaterThanOrEqual(400);
  });
  test('7: tokens are bound to a key by DPoP; without a proof there are none', async () => {
    const { form } = await code();
    expect((await call(openid, '/token', { ...form, ...(await proven()) })).body).toMatchObject({ error: 'invalid_grant' });
    const { body } = await call(openid, '/token', { ...form, ...(await proven()) }, { dpop: await dpop() });
    expect(body).toMatchObject({ token_type: 'DPoP', access_token: expect.any(String) });
    expect(decodeProtectedHeader(String(body['id_token'])).alg).toBe('PS256');
    const introspected = await call(openid, '/token/introspection', { token: String(body['access_token']), ...(await proven()) });
    expect(introspected.body).toMatchObject({
      active: true,
      cnf: { jkt: await calculateJwkThumbprint(dpopKeys.publicKey.export({ format: 'jwk' }) as never) },
    });
  });
  test('8: refresh tokens do not rotate, and give tokens that are bound to a key alone', async () => {
    const { form } = await code();
    const { body } = await call(openid, '/token', { ...form, ...(await proven()) }, { dpop: await dpop() });
    const refresh = async (keys = dpopKeys) =>
      call(openid, '/token', { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), ...(await proven()) }, { dpop: await dpop(keys) });
    expect((await refresh()).body['refresh_token']).toBe(body['refresh_token']);
    expect((await refresh()).status).toBe(200);
    // The application proves itself by its key, so that a refresh token is bound to that; each access token is bound to the proof with which it came.
    expect((await refresh(otherKeys)).body).toMatchObject({ token_type: 'DPoP' });
    const unproved = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), ...(await proven()) };
    expect((await call(openid, '/token', unproved)).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('9: a code is valid for a minute at most, a pushed request too, and each once', async () => {
    const { form, visited } = await code();
    expect(visited.url.searchParams.get('iss')).toBe(openid.issuer);
    const [row] = await openid.api.database.execute(
      `select max((payload->>'exp')::int - (payload->>'iat')::int) as seconds from openid_artifact where model in ('AuthorizationCode', 'PushedAuthorizationRequest')`,
    );
    expect(Number(row?.['seconds'])).toBeLessThanOrEqual(60);
    expect((await call(openid, '/token', { ...form, ...(await proven()) }, { dpop: await dpop() })).status).toBe(200);
    expect((await call(openid, '/token', { ...form, ...(await proven()) }, { dpop: await dpop() })).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('10: the application cannot prove itself by less', async () => {
    const { form } = await code();
    const headers = { dpop: await dpop() };
    expect((await call(openid, '/token', { ...form, client_secret: 'x' }, headers)).body).toMatchObject({ error: 'invalid_client' });
    expect((await call(openid, '/token', form, headers)).body).toMatchObject({ error: 'invalid_client' });
  });
});

describe('logout (RP-Initiated Logout 1.0 section 6)', () => {
  const end = (parameters: Record<string, string>) => person.visit(`${openid.issuer}/session/end?${new URLSearchParams(parameters).toString()}`);
  const isOpen = async () => (await openid.api.store.read((tx) => tx.sessions.openOf([person.id], new Date().toISOString()))).length > 0;

  test('another site cannot end a session: by an address, or by a form', async () => {
    await end({});
    await end({ post_logout_redirect_uri: 'https://wiki.example/bye', client_id: 'wiki-client' });
    const form = new URLSearchParams({ client_id: 'wiki-client', token: 'guessed' });
    expect((await person.visit(`${openid.issuer}/session/end/confirm`, { method: 'POST', form })).status).toBe(400);
    expect(
      (await person.visit(`${openid.issuer}/session/end/confirm`, { method: 'POST', form: new URLSearchParams({ logout: 'yes', xsrf: '' }) })).status,
    ).toBe(400);
    expect(await isOpen()).toBe(true);
  });
  test.each([
    ['an address that is not registered', { client_id: 'wiki-client', post_logout_redirect_uri: 'https://evil.example/bye' }],
    ['a prefix', { client_id: 'wiki-client', post_logout_redirect_uri: 'https://wiki.example/bye/evil' }],
    ['that of another application', { client_id: 'wiki-client', post_logout_redirect_uri: 'https://crm.example/bye' }],
    ['a script', { client_id: 'wiki-client', post_logout_redirect_uri: 'javascript:alert(1)' }],
    ['an address of an unknown application', { client_id: 'nobody', post_logout_redirect_uri: 'https://evil.example' }],
    ['an ID token that is none', { id_token_hint: 'x.y.z', client_id: 'wiki-client' }],
  ])('%s is refused with a page', async (_what, parameters) => {
    const { url, status: answered } = await end(parameters);
    expect([url.origin, answered, await isOpen()]).toEqual([openid.url, 400, true]);
  });
  test('an address without an application is ignored', async () => {
    const { url, body } = await end({ post_logout_redirect_uri: 'https://evil.example' });
    expect([url.origin, body.includes('evil')]).toEqual([openid.url, false]);
  });
  test('an ID token of another issuer, of another application, or that was changed ends nothing', async () => {
    const { tokens } = await logInto(openid, person, 'wiki');
    const [header = '', payload = '', signature = ''] = (tokens.id_token ?? '').split('.');
    const changed = base64url.encode(JSON.stringify({ ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), sid: 'x' }));
    const unsigned = base64url.encode(JSON.stringify({ alg: 'none' }));
    for (const hint of [`${header}.${changed}.${signature}`, `${unsigned}.${payload}.`]) expect((await end({ id_token_hint: hint })).status).toBe(400);
    expect((await end({ id_token_hint: tokens.id_token ?? '', client_id: 'crm-client' })).status).toBe(400);
    expect(await isOpen()).toBe(true);
  });
});

describe('pages', () => {
  test('no page of the provider is shown in a frame, kept, or sniffed', async () => {
    const pages = [
      await person.visit(`${openid.issuer}/auth?client_id=nobody`),
      await person.visit(`${openid.issuer}/session/end`),
      await person.visit(`${openid.issuer}/interaction/none`),
      await ask('wiki', { redirect_uri: 'https://evil.example' }),
    ];
    for (const { headers } of pages) {
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toContain('no-store');
      expect(headers.get('x-request-id')).toMatch(/^[\w-]+$/);
    }
  });
  test('what a request says is not repeated in a page', async () => {
    const { body } = await person.visit(`${openid.issuer}/auth?client_id=${encodeURIComponent('<script>alert(1)</script>')}&scope=<img>`);
    expect(body).not.toMatch(/<script>|<img>/);
  });
  test('a large body, and one that is no form, are refused', async () => {
    const answers = await Promise.all([
      call(openid, '/token', { grant_type: 'x'.repeat(100_000), ...secretOf('wiki') }),
      fetch(`${openid.issuer}/token`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
      fetch(`${openid.issuer}/auth`, { method: 'POST', body: new URLSearchParams({ state: 'x'.repeat(20_000) }) }),
    ]);
    for (const answer of answers) expect([400, 413]).toContain(answer.status);
  });
  test('over https the cookies of a begun request are for https alone, and its addresses are', async () => {
    const app = await otherApp({ url: 'https://tenure.example' });
    const query = new URL((await authorization(openid, 'wiki')).address).search;
    const { headers } = await app.inject({ method: 'GET', url: `/idp/oidc/auth${query}`, headers: { host: 'evil.example' } });
    expect(headers.location).toMatch(/^https:\/\/tenure\.example\/idp\/oidc\/interaction\//);
    const cookies = [headers['set-cookie'] ?? []].flat();
    expect(cookies.length).toBeGreaterThan(1);
    for (const cookie of cookies) expect(cookie).toMatch(/; secure/i);
    for (const cookie of cookies) expect(cookie).toMatch(/httponly/i);
    await app.close();
  });
  test('without an application that uses OpenID Connect there is no provider', async () => {
    const app = await otherApp({ applications: {} });
    const answers = await Promise.all(
      ['/auth', '/jwks', '/.well-known/openid-configuration', '/interaction/x', '/session/end'].map((path) =>
        app.inject({ method: 'GET', url: `/idp/oidc${path}` }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 404, 404, 404, 404]);
    await app.close();
  });
  test('what is off is not there', async () => {
    for (const path of ['/reg', '/device', '/device/auth', '/backchannel', '/interaction/x/login', '/session/end/success'])
      expect((await fetch(`${openid.issuer}${path}`, { method: 'POST' })).status).toBe(404);
  });
});
