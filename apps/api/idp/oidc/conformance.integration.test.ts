import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { authorization, call, CLIENTS, createOpenidTest, exchange, logInto, type OpenidTest, secretOf, type Somebody } from './testing/openid-test.ts';

let openid: OpenidTest;
beforeAll(async () => {
  openid = await createOpenidTest();
});
afterAll(() => openid.stop());

const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();
const userInfo = async (accessToken: string): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${openid.issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
/** Answer of the authorization endpoint to a request of wiki. */
const ask = async (person: Somebody, parameters: Record<string, string | null>, logsIn?: Parameters<Somebody['visit']>[1]) => {
  const { address, verifier } = await authorization(openid, 'wiki', parameters);
  const visited = await person.visit(address, logsIn);
  return { ...visited, answer: Object.fromEntries(visited.url.searchParams), verifier };
};
const claimsAfter = async (person: Somebody, parameters: Record<string, string>) => (await logInto(openid, person, 'wiki', parameters)).tokens.claims();

describe('OpenID Connect Core 3.1, plan OP basic', () => {
  test('oidcc-server: a person who is not logged in logs in and gets to the application, which learns what its entry names', async () => {
    const person = await openid.person('Finance');
    const { tokens, visited, configuration } = await logInto(openid, person, 'wiki');
    expect(visited.logins.map(({ searchParams }) => Object.fromEntries(searchParams))).toEqual([
      { application: 'wiki', returnTo: expect.stringMatching(/^\/idp\/oidc\/interaction\//) },
    ]);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ email: person.email, department: 'Finance', groups: ['finance'], sid: expect.stringMatching(/^_/), aud: 'wiki-client' });
    expect(claims?.sub).not.toBe(person.id);
    expect(tokens.expires_in).toBe(300);
    const info = await client.fetchUserInfo(configuration, tokens.access_token, claims?.sub ?? '');
    expect(info).toMatchObject({ sub: claims?.sub, groups: ['finance'], email: person.email });
  });
  test('whoever is logged in to Tenure enters without another login; each application knows them by another name, unless its entry wants the address', async () => {
    const person = await openid.person('Sales');
    await person.logIn();
    const { tokens, visited } = await logInto(openid, person, 'wiki');
    expect(visited.logins).toEqual([]);
    const other = await logInto(openid, person, 'spa');
    const mailed = await logInto(openid, person, 'crm');
    expect(other.tokens.claims()?.sub).not.toBe(tokens.claims()?.sub);
    expect(mailed.tokens.claims()?.sub).toBe(person.email);
    expect((await logInto(openid, person, 'wiki')).tokens.claims()).toMatchObject({ sub: tokens.claims()?.sub, sid: tokens.claims()?.['sid'] });
  });
  test('oidcc-userinfo-get, -post-header, -post-body answer the same', async () => {
    const person = await openid.person('Sales');
    const { tokens } = await logInto(openid, person, 'wiki');
    const header = { authorization: `Bearer ${tokens.access_token}` };
    const answers = [
      (await userInfo(tokens.access_token)).body,
      (await call(openid, '/me', {}, header)).body,
      (await call(openid, '/me', { access_token: tokens.access_token })).body,
    ];
    expect(answers[0]).toMatchObject({ department: 'Sales' });
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
  });
  test('oidcc-scope-profile, -email: claims of a standard scope come with it alone', async () => {
    const claims = await claimsAfter(await openid.person('Sales'), { scope: 'openid' });
    expect(claims).toMatchObject({ department: 'Sales', groups: ['staff'] });
    expect(claims).not.toHaveProperty('email');
    expect(claims).not.toHaveProperty('name');
  });
  test('oidcc-prompt-none-not-logged-in, -logged-in', async () => {
    const person = await openid.person('Sales');
    expect((await ask(person, { prompt: 'none' })).answer).toMatchObject({ error: 'login_required', state: 'state-1', iss: openid.issuer });
    await person.logIn();
    expect((await ask(person, { prompt: 'none' })).answer).toEqual({ code: expect.any(String), state: 'state-1', iss: openid.issuer });
    // Nobody is asked for consent: what an application is told is decided by its entry.
    expect((await ask(person, { prompt: 'consent', scope: 'openid offline_access' })).answer).toHaveProperty('code');
  });
  test('oidcc-prompt-login: a new authentication is demanded, and a session whose source states none is not taken for it', async () => {
    const person = await openid.person('Sales');
    await person.logIn({ authenticatedAt: ago(600_000) });
    const before = await claimsAfter(person, {});
    const renewed = await logInto(openid, person, 'wiki', { prompt: 'login' });
    expect(renewed.visited.logins.map(({ searchParams }) => searchParams.get('force'))).toEqual(['true']);
    expect(Number(renewed.tokens.claims()?.auth_time)).toBeGreaterThan(Number(before?.auth_time) + 500);
    for (const authenticatedAt of [ago(600_000), null])
      expect((await ask(person, { prompt: 'login' }, { logsIn: { authenticatedAt } })).answer).toMatchObject({ error: 'login_required' });
  });
  test('oidcc-max-age-1, -10000', async () => {
    const person = await openid.person('Sales');
    await person.logIn({ authenticatedAt: ago(600_000) });
    const old = await logInto(openid, person, 'wiki', { max_age: '10000' });
    expect(old.visited.logins).toEqual([]);
    expect(old.tokens.claims()?.auth_time).toBeLessThan(Date.now() / 1_000 - 500);
    const renewed = await logInto(openid, person, 'wiki', { max_age: '1' });
    expect(renewed.visited.logins).toHaveLength(1);
    expect((await ask(person, { max_age: '500' }, { logsIn: 'no' })).answer).toHaveProperty('code');
    await person.logIn({ authenticatedAt: null });
    expect((await ask(person, { max_age: '500' }, { logsIn: { authenticatedAt: ago(900_000) } })).answer).toMatchObject({ error: 'login_required' });
  });
  test('oidcc-ensure-request-with-acr-values-succeeds: the login is asked for them, and the ID token says what came', async () => {
    const person = await openid.person('Sales');
    await person.logIn();
    const { address } = await authorization(openid, 'wiki', { acr_values: 'phr phrh' });
    expect((await person.visit(address, { logsIn: 'no' })).logins[0]?.searchParams.get('acr')).toBe('phr phrh');
    await person.logIn({ acr: 'phr' });
    expect(await claimsAfter(person, { acr_values: 'phr' })).toMatchObject({ acr: 'phr' });
    expect(await claimsAfter(person, { acr_values: 'other' })).not.toHaveProperty('acr');
    const essential = JSON.stringify({ id_token: { acr: { essential: true, values: ['gold'] } } });
    expect((await ask(person, { claims: essential })).answer).toMatchObject({ error: 'unmet_authentication_requirements' });
    expect((await ask(person, { claims: essential }, { logsIn: { acr: 'gold' } })).answer).toHaveProperty('code');
  });
  test('a login that its source refuses is told to the application, unless it was refused for a wish', async () => {
    const person = await openid.person('Sales');
    await person.logIn();
    const refused = { logsIn: { fails: 'no-authn-context' } } as const;
    expect((await ask(person, { acr_values: 'gold' }, refused)).answer).toHaveProperty('code');
    expect((await ask(person, { prompt: 'login' }, refused)).answer).toMatchObject({ error: 'login_required' });
    const essential = JSON.stringify({ id_token: { acr: { essential: true, value: 'gold' } } });
    expect((await ask(person, { claims: essential }, refused)).answer).toMatchObject({ error: 'unmet_authentication_requirements' });
    expect((await ask(await openid.person('Sales'), {}, { logsIn: { fails: 'failed' } })).answer).toMatchObject({ error: 'login_required' });
  });
  test('oidcc-login-hint, oidcc-id-token-hint', async () => {
    const [person, other] = [await openid.person('Sales'), await openid.person('Sales')];
    const { address } = await authorization(openid, 'wiki', { login_hint: 'ada@contoso.example' });
    expect((await person.visit(address, { logsIn: 'no' })).logins[0]?.searchParams.get('hint')).toBe('ada@contoso.example');
    const hint = (await logInto(openid, person, 'wiki')).tokens.id_token ?? '';
    expect((await ask(person, { id_token_hint: hint, prompt: 'none' })).answer).toHaveProperty('code');
    await other.logIn();
    expect((await ask(other, { id_token_hint: hint, prompt: 'none' })).answer).toMatchObject({ error: 'login_required' });
    expect((await ask(other, { id_token_hint: hint })).answer).toMatchObject({ error: 'login_required' });
  });
  test('oidcc-claims-essential: a claim is told that no scope names', async () => {
    const claims = await claimsAfter(await openid.person('Sales'), { scope: 'openid', claims: JSON.stringify({ id_token: { name: { essential: true } } }) });
    expect(claims).toHaveProperty('name');
    expect(claims).not.toHaveProperty('email');
  });
  test('oidcc-response-type-missing, and every other flow than that with a code', async () => {
    const person = await openid.person('Sales');
    await person.logIn();
    expect((await ask(person, { response_type: null })).answer).toMatchObject({ error: 'invalid_request' });
    for (const type of ['token', 'id_token', 'code id_token', 'id_token token', 'none'])
      expect(new URLSearchParams((await ask(person, { response_type: type, nonce: 'n' })).url.href.split(/[?#]/)[1]).get('error')).toBe(
        'unsupported_response_type',
      );
  });
  test('3.1.2.1: a request that is posted is answered as well', async () => {
    const person = await openid.person('Sales');
    await person.logIn();
    const { address } = await authorization(openid, 'wiki');
    const posted = await person.visit(`${openid.issuer}/auth`, { method: 'POST', form: new URL(address).searchParams });
    expect(posted.url.searchParams.has('code')).toBe(true);
  });
  test('oidcc-server-client-secret-post and -basic are taken, another secret is not', async () => {
    const person = await openid.person('Sales');
    const posted = await ask(person, {});
    expect((await call(openid, '/token', exchange('wiki', posted, posted.verifier))).status).toBe(200);
    const refused = await ask(person, {});
    const wrong = await call(openid, '/token', { ...exchange('wiki', refused, refused.verifier), client_secret: 'wiki' });
    expect(wrong).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
  test('oidcc-codereuse: the second use of a code ends what came of the first', async () => {
    const person = await openid.person('Sales');
    const visited = await ask(person, {});
    const first = await call(openid, '/token', exchange('wiki', visited, visited.verifier));
    expect((await userInfo(String(first.body['access_token']))).status).toBe(200);
    expect((await call(openid, '/token', exchange('wiki', visited, visited.verifier))).body).toMatchObject({ error: 'invalid_grant' });
    expect((await userInfo(String(first.body['access_token']))).status).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(first.body['refresh_token']), ...secretOf('wiki') };
    expect((await call(openid, '/token', refresh)).body).toMatchObject({ error: 'invalid_grant' });
  });
  test('oidcc-refresh-token: a refresh token comes with another, with the same sub and session', async () => {
    const { tokens, configuration } = await logInto(openid, await openid.person('Sales'), 'wiki');
    const again = await client.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
    expect(again.refresh_token).not.toBe(tokens.refresh_token);
    expect(again.claims()).toMatchObject({ sub: tokens.claims()?.sub, sid: tokens.claims()?.['sid'], auth_time: tokens.claims()?.auth_time });
  });
  test('RFC 8707: an access token for a resource of the entry is a JWT with its groups, and for no other resource', async () => {
    const person = await openid.person('Finance');
    const visited = await ask(person, { resource: 'https://api.wiki.example' });
    const { body } = await call(openid, '/token', { ...exchange('wiki', visited, visited.verifier), resource: 'https://api.wiki.example' });
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      aud: 'https://api.wiki.example',
      client_id: 'wiki-client',
      groups: ['finance'],
      iss: openid.issuer,
    });
    expect((await userInfo(String(body['access_token']))).status).toBe(401);
    expect((await ask(person, { resource: 'https://other.example' })).answer).toMatchObject({ error: 'invalid_target' });
  });
});

describe('OpenID Connect Discovery 1.0, plan OP config', () => {
  test('oidcc-discovery-endpoint-verification: what is off is not offered, and both addresses say the same', async () => {
    const document = (await (await fetch(`${openid.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
    expect(document).toMatchObject({
      issuer: openid.issuer,
      authorization_endpoint: `${openid.issuer}/auth`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      subject_types_supported: ['pairwise'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      pushed_authorization_request_endpoint: `${openid.issuer}/request`,
      end_session_endpoint: `${openid.issuer}/session/end`,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
    });
    for (const off of ['registration_endpoint', 'device_authorization_endpoint', 'backchannel_authentication_endpoint'])
      expect(document).not.toHaveProperty(off);
    const other = await fetch(`${openid.url}/.well-known/oauth-authorization-server/idp/oidc`);
    expect(await other.json()).toEqual(document);
  });
  test('addresses are those of tenure.yaml, whatever the request states', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', host: 'evil.example' };
    const response = await openid.api.app.inject({ method: 'GET', url: '/idp/oidc/.well-known/openid-configuration', headers });
    expect(response.body).not.toContain('evil.example');
    expect(response.json<Record<string, unknown>>()['token_endpoint']).toBe(`${openid.issuer}/token`);
  });
  test('the keys are public parts alone, and an open document', async () => {
    const response = await fetch(`${openid.issuer}/jwks`, { headers: { origin: 'https://spa.example' } });
    const { keys } = (await response.json()) as { keys: readonly Record<string, unknown>[] };
    expect(keys).toEqual([{ kty: 'RSA', use: 'sig', kid: expect.any(String), e: 'AQAB', n: expect.any(String) }]);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://spa.example');
  });
});

describe('RFC 9126, plan PAR', () => {
  const push = (more: Record<string, string> = {}) => call(openid, '/request', { ...pushed(), ...secretOf('wiki'), ...more });
  const pushed = () => ({
    response_type: 'code',
    redirect_uri: CLIENTS.wiki.redirect,
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  test('happy flow: the request is known by its address, once', async () => {
    const person = await openid.person('Sales');
    const { status, body } = await push();
    expect([status, Number(body['expires_in']) <= 60]).toEqual([201, true]);
    const query = new URLSearchParams({ client_id: 'wiki-client', request_uri: String(body['request_uri']) });
    const visited = await person.visit(`${openid.issuer}/auth?${query.toString()}`);
    const tokens = await call(openid, '/token', exchange('wiki', visited, 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'));
    expect(tokens.status).toBe(200);
    const again = await person.visit(`${openid.issuer}/auth?${query.toString()}`);
    expect(again.url.searchParams.has('code')).toBe(false);
  });
  test.each([
    ['without proof of the application', { client_secret: 'wrong' }, 401, 'invalid_client'],
    ['with an address that is not registered', { redirect_uri: 'https://evil.example/callback' }, 400, 'invalid_request'],
    ['without PKCE', { code_challenge: '', code_challenge_method: '' }, 400, 'invalid_request'],
    ['with a request_uri of its own', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 400, 'request_uri_not_supported'],
  ])('a request is refused %s', async (_what, more, status, error) => {
    const answer = await push(more);
    expect([answer.status, answer.body['error']]).toEqual([status, error]);
  });
  test('the pushed request of one application is none of another', async () => {
    const person = await openid.person('Sales');
    await person.logIn();
    const { body } = await push();
    const query = new URLSearchParams({ client_id: 'crm-client', request_uri: String(body['request_uri']) });
    expect((await person.visit(`${openid.issuer}/auth?${query.toString()}`)).url.searchParams.has('code')).toBe(false);
  });
});

describe('RP-Initiated Logout 1.0', () => {
  const end = (parameters: Record<string, string>): string => `${openid.issuer}/session/end?${new URLSearchParams(parameters).toString()}`;
  const sessionsOf = (person: Somebody) => openid.api.store.read((tx) => tx.sessions.openOf([person.id], new Date().toISOString()));
  const endsOf = (person: Somebody) =>
    openid.api.database.execute(
      `select a.application, c.ended_reason as why from application_session a join credential c on c.id = a.id where c.identity_id = ? order by a.application`,
      [person.id],
    );

  test('oidcc-rp-initiated-logout: with an ID token of its session an application ends it, and with it those at all others', async () => {
    const person = await openid.person('Sales');
    const [wiki, crm] = [await logInto(openid, person, 'wiki'), await logInto(openid, person, 'crm')];
    const left = await person.visit(end({ id_token_hint: wiki.tokens.id_token ?? '', post_logout_redirect_uri: 'https://wiki.example/bye', state: 'x y' }));
    expect(left.url.href).toBe('https://wiki.example/bye?state=x+y');
    expect(await sessionsOf(person)).toEqual([]);
    // The application that asked needs no notice.
    expect(await endsOf(person)).toEqual([
      { application: 'crm-web', why: 'logged out' },
      { application: 'wiki', why: 'logged out at the application' },
    ]);
    for (const { tokens } of [wiki, crm]) expect((await userInfo(tokens.access_token)).status).toBe(401);
    await expect(client.refreshTokenGrant(crm.configuration, crm.tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
  });
  test('-no-id-token-hint: the person is asked, by a page that only they can answer', async () => {
    const person = await openid.person('Sales');
    await logInto(openid, person, 'wiki');
    const asked = await person.visit(end({ client_id: 'wiki-client', post_logout_redirect_uri: 'https://wiki.example/bye', state: 's' }));
    expect([asked.status, asked.body.includes('Log out?'), asked.body.includes('Wiki asks')]).toEqual([200, true, true]);
    expect(asked.headers.get('content-security-policy')).toMatch(/form-action 'self' https:\/\/wiki\.example/);
    expect(await sessionsOf(person)).toHaveLength(1);
    const form = new URLSearchParams([...asked.body.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
    const left = await person.visit(`${openid.issuer}/session/end/confirm`, { method: 'POST', form });
    expect(left.url.href).toBe('https://wiki.example/bye?state=s');
    expect(await sessionsOf(person)).toEqual([]);
  });
  test('-no-params: the person is asked, and stays at Tenure', async () => {
    const person = await openid.person('Sales');
    await person.logIn();
    const asked = await person.visit(`${openid.issuer}/session/end`);
    const form = new URLSearchParams([...asked.body.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
    const left = await person.visit(`${openid.issuer}/session/end/confirm`, { method: 'POST', form });
    expect([left.url.origin, left.body.includes('You are logged out')]).toEqual([openid.url, true]);
  });
  test('an ID token of another session of the person does not end this one without a question', async () => {
    const person = await openid.person('Sales');
    const { tokens } = await logInto(openid, person, 'wiki');
    await person.logIn();
    const asked = await person.visit(end({ id_token_hint: tokens.id_token ?? '' }));
    expect(asked.body).toContain('Log out?');
    expect(await sessionsOf(person)).toHaveLength(2);
  });
});

describe('what an application learns is decided anew', () => {
  const refresh = async ({ configuration, tokens }: Awaited<ReturnType<typeof logInto>>) => client.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
  const change = (person: Somebody, facts: Record<string, string>) =>
    openid.api.record({ externalId: person.externalId, version: '2', facts: { ...person.facts, ...facts } });

  test('a mover’s session at an application ends, or the application learns of the change at its next request, as its entry says', async () => {
    const person = await openid.person('Sales');
    const [ends, learns] = [await logInto(openid, person, 'wiki'), await logInto(openid, person, 'spa')];
    expect(learns.tokens.claims()).toMatchObject({ groups: ['Sales'] });
    await change(person, { department: 'Finance' });
    expect((await userInfo(ends.tokens.access_token)).status).toBe(401);
    expect((await userInfo(learns.tokens.access_token)).body).toMatchObject({ groups: ['Finance'] });
    expect((await refresh(learns)).claims()).toMatchObject({ groups: ['Finance'] });
    const outdated = await openid.api.database.execute(
      `select 1 from application_session a join credential c on c.id = a.id where c.identity_id = ? and a.outdated_at is not null and c.ended_at is null`,
      [person.id],
    );
    expect(outdated).toEqual([]);
  });
  test('whoever may no longer enter gets 401 at user info and invalid_grant at refresh, at once', async () => {
    const person = await openid.person('Sales');
    const login = await logInto(openid, person, 'wiki');
    await change(person, { department: 'Guest' });
    expect((await userInfo(login.tokens.access_token)).status).toBe(401);
    await expect(refresh(login)).rejects.toMatchObject({ error: 'invalid_grant' });
    expect((await ask(person, {})).status).toBe(403);
  });
  test('so does a leaver', async () => {
    const person = await openid.person('Sales');
    const login = await logInto(openid, person, 'wiki');
    const now = new Date().toISOString();
    await openid.api.record({ externalId: person.externalId, version: '3', facts: person.facts, status: 'ended', endedAt: now });
    expect((await userInfo(login.tokens.access_token)).status).toBe(401);
    await expect(refresh(login)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
  test('an access token outlives neither a policy that lets its person in no more nor the end of the session, whoever ends it', async () => {
    const person = await openid.person('Sales');
    const login = await logInto(openid, person, 'wiki');
    await openid.api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'end', now: new Date().toISOString() }, (tx) =>
      tx.sessions.revokeAll(person.id, 'ended by an operator', tx.context.now),
    );
    expect((await userInfo(login.tokens.access_token)).status).toBe(401);
    await expect(refresh(login)).rejects.toMatchObject({ error: 'invalid_grant' });
  });
  test('a person without access sees why, and the application may be told', async () => {
    const person = await openid.person('Guest');
    const refused = await ask(person, {});
    expect([refused.status, refused.body.includes('You cannot use Wiki')]).toEqual([403, true]);
    const back = /href="([^"]*answer=back)"/.exec(refused.body)?.[1] ?? '';
    expect(Object.fromEntries((await person.visit(new URL(back, openid.url).href)).url.searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'state-1',
    });
    expect((await ask(person, { prompt: 'none' })).answer).toMatchObject({ error: 'access_denied' });
  });
});

describe('keys', () => {
  test('after a rotation old tokens go on, both keys are published, and new ones sign', async () => {
    const person = await openid.person('Sales');
    const login = await logInto(openid, person, 'wiki');
    await openid.api.database.execute(`update signing_key set state = 'retiring', retiring_at = now() where purpose = 'oidc' and state = 'active'`);
    openid.ahead += 31_000;
    const again = await client.refreshTokenGrant(login.configuration, login.tokens.refresh_token ?? '');
    const { keys } = (await (await fetch(`${openid.issuer}/jwks`)).json()) as { keys: readonly { kid: string }[] };
    const kid = (token: string | undefined): string =>
      String((JSON.parse(Buffer.from((token ?? '').split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid);
    expect(keys.map((key) => key.kid)).toEqual([kid(again.id_token), kid(login.tokens.id_token)]);
    expect(kid(again.id_token)).not.toBe(kid(login.tokens.id_token));
    expect((await userInfo(login.tokens.access_token)).status).toBe(200);
  });
});
