import { createHash, X509Certificate, verify } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  logoutRequest,
  type LogoutRequestInput,
  logoutResponse,
  readSigningCertificate,
  receiveSoap,
  redirectQuery,
  signElement,
  signRedirect,
} from '@tenure/federation';
import { type JWTPayload, SignJWT } from 'jose';
import { createTestApi, type TestApi } from '../api.ts';
import { answer, ask, type HostileIdp, ISSUER, KEY, make, OTHER_KEY, startHostileIdp } from './hostile-idp.ts';
import { type HostileOp, startHostileOp } from './hostile-op.ts';
import { begin, createVisitor, logIn, sessionCookie, type Visitor } from './login-attempt.ts';

/** Logouts that providers announce, and those that Tenure begins, against providers that sign anything. */
let api: TestApi;
let idp: HostileIdp;
let op: HostileOp;
let evil: HostileOp;

beforeAll(async () => {
  const service = (binding: string, at: string) => `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${at}"/>`;
  idp = await startHostileIdp('', (url) => service('HTTP-Redirect', `${url}/slo?tenant=1`) + service('SOAP', `${url}/soap`));
  [op, evil] = await Promise.all([startHostileOp(), startHostileOp()]);
  const saml = `protocol: saml, metadata: "${idp.url}/metadata", mayCreate: true, userType: contractor, attributes: { department: "claims.department[0]" }`;
  const oidc = 'protocol: oidc, clientId: tenure, mayCreate: true, userType: contractor, attributes: { displayName: claims.name }';
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 100_000 },
    tenureYaml: `
url: http://localhost:4000
attributes: { displayName: { type: string }, department: { type: string }, endDate: { type: instant } }
identityProviders:
  idp: { ${saml}, logOutThere: true }
  around: { ${saml}, signed: response }
  op: { ${oidc}, issuer: "${op.issuer}", logOutThere: true }
  evil: { ${oidc}, issuer: "${evil.issuer}" }
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
  });
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([idp?.stop(), op?.stop(), evil?.stop()]);
});
beforeEach(() => {
  api.now = new Date().toISOString();
  for (const one of [op, evil]) one.behave();
  op.play({ discovery: (good) => ({ ...good, end_session_endpoint: `${op.issuer}/logout?x=1` }) });
  op.person = { sub: 'o-vera', name: 'Vera', sid: 'sid-1' };
  evil.person = { sub: 'o-vera', name: 'Mallory', sid: 'sid-1' };
});

const isOpen = async ({ cookies }: Visitor): Promise<boolean> =>
  (await api.store.read((tx) => tx.sessions.byToken(cookies.get(sessionCookie) ?? '', api.now))) !== null;
const indexOf = async ({ cookies }: Visitor): Promise<string> => {
  const session = await api.store.read((tx) => tx.sessions.byToken(cookies.get(sessionCookie) ?? '', api.now));
  return (await api.store.read((tx) => tx.sessions.sourceOf(session?.id ?? '')))?.sourceIndex ?? '';
};
let count = 0;
const newId = (): string => `_logout${count++}`;

describe('SAML 2.0 profiles 4.4: single logout received', () => {
  const DESTINATION = 'https://tenure.example/saml/idp/slo';
  async function loggedIn(subject = 'ada'): Promise<Visitor> {
    const asked = await ask(api, 'idp');
    await answer(asked, make(asked, { content: { subject } }));
    expect(await isOpen(asked.visitor)).toBe(true);
    return asked.visitor;
  }
  const request = (more: Partial<LogoutRequestInput> = {}): string =>
    logoutRequest({
      id: newId(),
      issuer: ISSUER,
      destination: DESTINATION,
      nameId: { value: 'ada', format: null, nameQualifier: null, spNameQualifier: null },
      sessionIndex: null,
      notOnOrAfter: new Date(Date.parse(api.now) + 60_000).toISOString(),
      now: api.now,
      ...more,
    });
  const byRedirect = (xml: string, key = KEY, relayState: string | null = 'state'): Promise<{ status: number; location: string | null }> =>
    createVisitor(api).get(`/saml/idp/slo?${signRedirect(redirectQuery('SAMLRequest', xml, relayState), key.privateKey)}`);
  const signed = (xml: string, key = KEY): string => signElement(xml, { element: 'LogoutRequest', ...key });
  const byPost = (xml: string) => createVisitor(api).post('/saml/idp/slo', new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64') }));
  const soap = (xml: string): string => `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${xml}</s:Body></s:Envelope>`;
  const bySoap = (xml: string) =>
    api.app.inject({ method: 'POST', url: '/saml/idp/slo', headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: '""' }, payload: soap(xml) });

  test('by redirect ends the named session and answers, signed, at the provider', async () => {
    const [one, other] = [await loggedIn(), await loggedIn()];
    const done = await byRedirect(request({ sessionIndex: await indexOf(one) }));
    expect([done.status, await isOpen(one), await isOpen(other)]).toEqual([303, false, true]);
    const url = new URL(done.location ?? '');
    expect([url.origin, url.searchParams.get('tenant'), url.searchParams.get('RelayState')]).toEqual([idp.url, '1', 'state']);
    const response = inflateRawSync(Buffer.from(url.searchParams.get('SAMLResponse') ?? '', 'base64')).toString();
    expect(response).toContain('status:Success');
    const query = /SAMLResponse=.*?&SigAlg=[^&]*/.exec(url.search)?.[0] ?? '';
    const metadata = (await createVisitor(api).get('/saml/idp/metadata')).body;
    const { key } = readSigningCertificate(Buffer.from(/X509Certificate>([^<]*)/.exec(metadata)?.[1] ?? '', 'base64'));
    expect(verify('sha256', Buffer.from(query), key, Buffer.from(url.searchParams.get('Signature') ?? '', 'base64'))).toBe(true);
    // Without a session, it ends all of the person.
    await byRedirect(request());
    expect(await isOpen(other)).toBe(false);
    const events = await api.store.read((tx) => tx.audit.page({ action: 'session.ended' }, 10, null));
    expect(events.filter(({ reason }) => reason['why'] === 'logged out at the provider')).toHaveLength(2);
  });

  test('by form and by SOAP, where the answer is the body', async () => {
    const one = await loggedIn();
    expect([(await byPost(signed(request()))).status, await isOpen(one)]).toEqual([303, false]);
    const other = await loggedIn();
    const answered = await bySoap(signed(request()));
    expect([answered.statusCode, await isOpen(other)]).toEqual([200, false]);
    expect([answered.headers['content-type'], answered.headers['cache-control']]).toEqual(['text/xml; charset=utf-8', 'no-store']);
    const { root } = receiveSoap(answered.body);
    expect([root.name, root.attributes.get('Destination')]).toEqual(['LogoutResponse', ISSUER]);
  });

  test('says partial where sessions at applications end with it, since they are told afterwards', async () => {
    const one = await loggedIn();
    const session = await api.store.read((tx) => tx.sessions.byToken(one.cookies.get(sessionCookie) ?? '', api.now));
    const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now } as const;
    const { identityId = '', id: parentId = '', expiresAt = '' } = session ?? {};
    const below = { identityId, parentId, application: 'wiki', protocol: 'saml', subject: 's', claimsDigest: '', expiresAt, details: {} } as const;
    const opened = await api.store.transaction(context, (tx) => tx.applicationSessions.open(below, api.now));
    const answered = await bySoap(signed(request()));
    expect(answered.body).toContain('status:PartialLogout');
    expect(await api.store.read((tx) => tx.applicationSessions.get(opened.id, api.now))).toBeNull();
  });

  type Attack = readonly [title: string, send: () => Promise<{ readonly status?: number; readonly statusCode?: number }>];
  const wrapped = (): string => {
    const good = signed(request({ nameId: { value: 'nobody', format: null, nameQualifier: null, spNameQualifier: null } }));
    return `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_evil" Version="2.0" IssueInstant="${api.now}" Destination="${DESTINATION}"><saml:Issuer>${ISSUER}</saml:Issuer><samlp:Extensions>${good}</samlp:Extensions><saml:NameID>ada</saml:NameID></samlp:LogoutRequest>`;
  };
  const attacks: readonly Attack[] = [
    ['an unsigned request by redirect', () => createVisitor(api).get(`/saml/idp/slo?${redirectQuery('SAMLRequest', request(), null)}`)],
    ['an unsigned request by form', () => byPost(request())],
    ['an unsigned request by SOAP', () => bySoap(request())],
    ['a request that somebody else has signed', () => byRedirect(request(), OTHER_KEY)],
    ['a form that somebody else has signed', () => byPost(signed(request(), OTHER_KEY))],
    ['a request of another issuer', () => byRedirect(request({ issuer: 'https://evil.example' }))],
    ['a request that was sent to another service', () => byRedirect(request({ destination: 'https://other.example/slo' }))],
    ['a request to another entry of the same provider', () => byRedirect(request({ destination: 'https://tenure.example/saml/around/slo' }))],
    ['an old request', () => byRedirect(request({ now: new Date(Date.parse(api.now) - 6 * 60_000).toISOString() }))],
    ['a request that is over', () => byRedirect(request({ notOnOrAfter: new Date(Date.parse(api.now) - 60_000).toISOString() }))],
    [
      'a name that was changed after it was signed',
      () => byPost(signed(request({ nameId: { value: 'eva', format: null, nameQualifier: null, spNameQualifier: null } })).replace('>eva<', '>ada<')),
    ],
    ['a signed request inside a forged one', () => byPost(wrapped())],
    [
      'a request that claims to be an answer',
      () => createVisitor(api).get(`/saml/idp/slo?${signRedirect(redirectQuery('SAMLResponse', request(), null), OTHER_KEY.privateKey)}`),
    ],
    ['something else than XML', () => bySoap('hello')],
  ];
  test.each(attacks)('refuses %s: nobody is logged out', async (_title, send) => {
    const one = await loggedIn();
    const { status, statusCode = status } = await send();
    expect([403, 500]).toContain(statusCode);
    expect(await isOpen(one)).toBe(true);
  });

  test('refuses a request that was received before, by whichever binding', async () => {
    const xml = request();
    await byRedirect(xml);
    const one = await loggedIn();
    expect([(await byRedirect(xml)).status, (await byPost(signed(xml))).status, (await bySoap(signed(xml))).statusCode]).toEqual([403, 403, 500]);
    expect(await isOpen(one)).toBe(true);
  });

  test.each([
    ['the name of somebody else', () => request({ nameId: { value: 'bob', format: null, nameQualifier: null, spNameQualifier: null } })],
    ['the session of somebody else', () => request({ sessionIndex: '_of-another' })],
  ])('a good request with %s ends nothing', async (_title, xml) => {
    const one = await loggedIn();
    expect([(await byRedirect(xml())).status, await isOpen(one)]).toEqual([303, true]);
  });
});

/** Presses the button of the page, as the browser of its person. @returns where the browser is sent */
async function logOutHere(
  visitor: Visitor,
): Promise<{ readonly status: number; readonly refresh: string; readonly body: string; readonly location: string | null }> {
  const page = await visitor.get('/me');
  const token = /name="token" value="([^"]*)"/.exec(page.body)?.[1] ?? '';
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie };
  const answered = await api.app.inject({ method: 'POST', url: '/logout', headers, payload: String(new URLSearchParams({ token })) });
  const refresh = String(answered.headers['refresh'] ?? '');
  return { status: answered.statusCode, refresh: refresh.replace(/^0; url=/, ''), body: answered.body, location: answered.headers.location ?? null };
}

describe('SAML 2.0 profiles 4.4: single logout sent', () => {
  async function leave(): Promise<{ readonly id: string; readonly visitor: Visitor; readonly url: URL }> {
    const asked = await ask(api, 'idp');
    await answer(asked, make(asked, { content: { subject: 'ada&co' } }));
    const left = await logOutHere(asked.visitor);
    expect([left.status, await isOpen(asked.visitor)]).toEqual([200, false]);
    const url = new URL(left.refresh);
    const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
    expect(xml).toMatch(/<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ada&amp;co<\/saml:NameID><samlp:SessionIndex>_/);
    return { id: / ID="([^"]*)"/.exec(xml)?.[1] ?? '', visitor: asked.visitor, url };
  }
  const response = (inResponseTo: string, status: 'success' | 'partial' | 'responder', key = KEY): string =>
    signRedirect(
      redirectQuery(
        'SAMLResponse',
        logoutResponse({ id: newId(), issuer: ISSUER, destination: 'https://tenure.example/saml/idp/slo', inResponseTo, status, now: api.now }),
        null,
      ),
      key.privateKey,
    );

  test('goes to the provider signed, and its answer leads back, once', async () => {
    const { id, visitor, url } = await leave();
    const metadata = (await visitor.get('/saml/idp/metadata')).body;
    const { publicKey } = new X509Certificate(Buffer.from(/X509Certificate>([^<]*)/.exec(metadata)?.[1] ?? '', 'base64'));
    const query = /SAMLRequest=.*?&SigAlg=[^&]*/.exec(url.search)?.[0] ?? '';
    expect(verify('sha256', Buffer.from(query), publicKey, Buffer.from(url.searchParams.get('Signature') ?? '', 'base64'))).toBe(true);
    const back = await visitor.get(`/saml/idp/slo?${response(id, 'success')}`);
    expect([back.status, back.location]).toEqual([303, '/me']);
    expect((await visitor.get(`/saml/idp/slo?${response(id, 'success')}`)).status).toBe(403);
  });

  test.each(['partial', 'responder'] as const)('says so to the person where the provider answers %s', async (status) => {
    const { id, visitor } = await leave();
    const back = await visitor.get(`/saml/idp/slo?${response(id, status)}`);
    expect([back.status, back.body]).toEqual([200, expect.stringContaining('could not end all of your sessions')]);
  });

  test('refuses an answer that somebody else has signed, and one to no request', async () => {
    const { id, visitor } = await leave();
    expect((await visitor.get(`/saml/idp/slo?${response(id, 'success', OTHER_KEY)}`)).status).toBe(403);
    expect((await visitor.get(`/saml/idp/slo?${response('_other', 'success')}`)).status).toBe(403);
    expect((await visitor.get(`/saml/idp/slo?${response(id, 'success')}`)).status).toBe(303);
  });

  test('a request of logout cannot be answered by a login', async () => {
    const { id, visitor } = await leave();
    const login = await answer({ entry: 'idp', visitor }, make({ api, entry: 'idp', visitor, id, request: '', location: '' }));
    expect(login.status).toBe(403);
  });

  test('a provider whose entry does not want it is left alone', async () => {
    const asked = await ask(api, 'around');
    await answer(asked, make(asked));
    const left = await logOutHere(asked.visitor);
    expect([left.status, left.location, left.refresh]).toEqual([303, '/me', '']);
  });

  test('a form of another site logs nobody out', async () => {
    const asked = await ask(api, 'idp');
    await answer(asked, make(asked));
    const forged = await asked.visitor.post('/logout', new URLSearchParams({ token: createHash('sha256').update('guess').digest('base64url') }));
    expect([forged.status, await isOpen(asked.visitor)]).toEqual([403, true]);
  });
});

describe('OpenID Connect Back-Channel Logout 1.0', () => {
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
  async function loggedIn(sid = 'sid-1', provider = op, entry = 'op'): Promise<Visitor> {
    provider.person = { ...provider.person, sid };
    const visitor = createVisitor(api);
    await logIn(api, provider, entry, visitor);
    expect(await isOpen(visitor)).toBe(true);
    return visitor;
  }
  async function tell(claims: JWTPayload = {}, by: HostileOp = op, to = 'op') {
    const seconds = Math.floor(Date.parse(api.now) / 1000);
    const all = { iss: op.issuer, aud: 'tenure', iat: seconds, exp: seconds + 120, jti: newId(), sid: 'sid-1', events: { [EVENT]: {} }, ...claims };
    const token = await new SignJWT(all).setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt' }).sign(by.privateKey);
    return { token, ...(await sendToken(token, to)) };
  }
  async function sendToken(token: string, to = 'op') {
    const answered = await api.app.inject({
      method: 'POST',
      url: `/oidc/${to}/backchannel-logout`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: String(new URLSearchParams({ logout_token: token })),
    });
    return { status: answered.statusCode, cache: answered.headers['cache-control'], body: answered.body };
  }

  test('section 2.5: ends the session that it names, or all of the subject, and answers 200 that nothing keeps', async () => {
    const [one, other] = [await loggedIn('sid-1'), await loggedIn('sid-2')];
    expect(await tell()).toMatchObject({ status: 200, cache: 'no-store', body: '' });
    expect([await isOpen(one), await isOpen(other)]).toEqual([false, true]);
    expect((await tell({ sub: 'o-vera', sid: undefined as never })).status).toBe(200);
    expect(await isOpen(other)).toBe(false);
    // Nobody is there any more: that is no error.
    expect((await tell()).status).toBe(200);
  });

  test('section 2.6: refuses a token that was received before', async () => {
    const { token } = await tell();
    const one = await loggedIn();
    expect([(await sendToken(token)).status, await isOpen(one)]).toEqual([400, true]);
  });

  test.each([
    ['a token without an event', { events: {} }],
    ['a token with a nonce', { nonce: 'n' }],
    ['a token for another client', { aud: 'other' }],
    ['an old token', { iat: 1, exp: 4_000_000_000 }],
    ['a token of another issuer', { iss: 'https://evil.example' }],
  ])('section 2.6: refuses %s with 400', async (_title, claims) => {
    const one = await loggedIn();
    expect(await tell(claims)).toMatchObject({ status: 400, cache: 'no-store', body: expect.stringContaining('"error":"invalid_request"') });
    expect(await isOpen(one)).toBe(true);
  });

  test("another provider ends nobody's session, though it names the same sid and sub", async () => {
    const one = await loggedIn();
    expect((await tell({ iss: evil.issuer }, evil, 'evil')).status).toBe(200);
    expect((await tell({}, evil, 'op')).status).toBe(400);
    expect((await tell({ iss: evil.issuer }, evil, 'op')).status).toBe(400);
    expect(await isOpen(one)).toBe(true);
  });

  test('takes a token by a key that the provider has only just begun to use, and asks for keys no more than once a minute', async () => {
    const one = await loggedIn();
    await op.rotate();
    const asked = (): number => op.seen.filter(({ path }) => path === '/jwks').length;
    const before = asked();
    // Tokens of strangers before have asked for keys within this minute.
    api.now = new Date(Date.parse(api.now) + 120_000).toISOString();
    expect([(await tell()).status, await isOpen(one)]).toEqual([200, false]);
    await sendToken((await tell()).token.replace(/[^.]*$/, 'AAAA'));
    await sendToken((await tell()).token.replace(/[^.]*$/, 'AAAB'));
    expect(asked() - before).toBeLessThanOrEqual(1);
  });
});

describe('OpenID Connect RP-Initiated Logout 1.0', () => {
  test('section 2: the browser goes to the provider with the ID token as a hint, and comes back by its state, once', async () => {
    const visitor = createVisitor(api);
    const location = await begin(visitor, 'op');
    const came = await op.visit(location);
    await visitor.get(`${came.pathname}${came.search}`);
    const [stored] = await api.database.execute(
      "select source_details::text as details from session where source_details ? 'sealedIdToken' order by id limit 1",
    );
    expect(stored?.['details']).not.toMatch(/eyJ/);
    const left = await logOutHere(visitor);
    const url = new URL(left.refresh);
    const { post_logout_redirect_uri: back, id_token_hint: hint = '', state = '', client_id: clientId } = Object.fromEntries(url.searchParams);
    expect([url.origin, url.searchParams.get('x'), back, clientId]).toEqual([op.issuer, '1', 'https://tenure.example/oidc/op/logged-out', 'tenure']);
    expect(JSON.parse(Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({ sub: 'o-vera' });
    expect(await isOpen(visitor)).toBe(false);
    expect((await visitor.get(`/oidc/op/logged-out?state=${state}`)).location).toBe('/me');
    const rows = await api.database.execute('select 1 from login_request where id = ?', [`logout ${state}`]);
    expect(rows).toEqual([]);
  });

  test('a provider that offers no logout is left alone', async () => {
    const visitor = createVisitor(api);
    await logIn(api, evil, 'evil', visitor);
    const left = await logOutHere(visitor);
    expect([left.status, left.location]).toEqual([303, '/me']);
  });
});
