import { X509Certificate, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from '../api.ts';
import { answer, ask, type Asked, type HostileIdp, make, startHostileIdp } from './hostile-idp.ts';
import { type HostileOp, startHostileOp } from './hostile-op.ts';
import { type Answered, begin, createVisitor, sessionCookie } from './login-attempt.ts';

/** Logins that an application has demands on, against providers that answer anything. `/continue` stands for the part of the application's protocol. */
let api: TestApi;
let idp: HostileIdp;
let op: HostileOp;
const MFA = 'https://refeds.org/profile/mfa';
const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

beforeAll(async () => {
  [idp, op] = await Promise.all([startHostileIdp(' WantAuthnRequestsSigned="true"'), startHostileOp()]);
  api = await createTestApi({
    url: 'https://tenure.example',
    app: { loginRateLimit: 100_000 },
    tenureYaml: `
url: http://localhost:4000
attributes: { displayName: { type: string }, department: { type: string }, endDate: { type: instant } }
identityProviders:
  idp: { protocol: saml, metadata: "${idp.url}/metadata", mayCreate: true, userType: contractor, attributes: { department: "claims.department[0]" } }
  op: { protocol: oidc, issuer: "${op.issuer}", clientId: tenure, mayCreate: true, userType: contractor, attributes: { displayName: claims.name } }
targets: { crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } } }
`,
  });
});
afterAll(async () => {
  await api?.stop();
  await Promise.all([idp?.stop(), op?.stop()]);
});
beforeEach(() => {
  api.now = new Date().toISOString();
  op.behave();
  op.person = { sub: 'o-vera', name: 'Vera' };
});

const instant = (seconds: number): string => new Date(Date.parse(api.now) + seconds * 1000).toISOString();
const stated =
  (authnInstant: string, context = PASSWORD) =>
  (xml: string) =>
    xml.replace(/AuthnInstant="[^"]*"/, `AuthnInstant="${authnInstant}"`).replace(PASSWORD, context);
const demand = (query: string): Promise<Asked> => ask(api, 'idp', createVisitor(api), `?returnTo=/continue?request=7&application=wiki${query}`);
const hasSession = ({ setCookies }: Answered): boolean => setCookies.some((line) => line.startsWith(sessionCookie));
async function sessionOf({ cookies }: { readonly cookies: ReadonlyMap<string, string> }) {
  return api.store.read((tx) => tx.sessions.byToken(cookies.get(sessionCookie) ?? '', api.now));
}
/** Expects that the application's part is told, that nobody is logged in, and that the audit has the reason. */
async function expectTold(answered: Answered, error: string, reason: string): Promise<void> {
  expect([answered.status, answered.location, hasSession(answered)]).toEqual([303, `/continue?request=7&error=${error}`, false]);
  const refusals = await api.store.read((tx) => tx.audit.page({ action: 'login.refused' }, 50, null));
  expect(refusals.find(({ subjectId }) => subjectId === answered.reference)?.reason).toMatchObject({ reason });
}

describe('SAML core 3.4.1: demands of an authentication request', () => {
  test('the session knows when and how its person was authenticated, and which session of the provider it is of', async () => {
    const asked = await ask(api, 'idp');
    const done = await answer(asked, make(asked, { before: stated(instant(-120), MFA) }));
    expect(done.location).toBe('/me');
    expect(await sessionOf(asked.visitor)).toMatchObject({ authenticatedAt: instant(-120), acr: MFA });
    const [row] = await api.database.execute('select source_index, source_subject, source_details from session order by authenticated_at limit 1');
    expect(row).toEqual({
      source_index: expect.stringMatching(/^_/),
      source_subject: 'ada-idp@contoso.example',
      source_details: { format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
    });
    // A repeated login, which needs no decision, keeps them too.
    api.now = instant(5);
    const again = await ask(api, 'idp');
    await answer(again, make(again, { before: stated(instant(-1), PASSWORD) }));
    expect(await sessionOf(again.visitor)).toMatchObject({ authenticatedAt: instant(-1), acr: PASSWORD });
  });

  test('a provider whose clock is ahead cannot make an authentication newer than now', async () => {
    const asked = await ask(api, 'idp');
    await answer(asked, make(asked, { before: stated(instant(3600)) }));
    expect((await sessionOf(asked.visitor))?.authenticatedAt).toBe(api.now);
  });

  test('ForceAuthn, IsPassive and RequestedAuthnContext reach the provider, signed as it wants, and the name only as a hint', async () => {
    const { request, location } = await demand(`&force=true&passive=true&acr=${encodeURIComponent(`${MFA} urn:x`)}&hint=ada%40contoso.example`);
    expect(request).toContain('ForceAuthn="true" IsPassive="true"');
    expect(request).toContain(
      `<samlp:RequestedAuthnContext Comparison="exact"><saml:AuthnContextClassRef>${MFA}</saml:AuthnContextClassRef><saml:AuthnContextClassRef>urn:x</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
    );
    expect(request).not.toContain('ada@');
    const query = new URL(location).search.slice(1);
    const signed = /SAMLRequest=.*?&SigAlg=[^&]*/.exec(query)?.[0] ?? '';
    const metadata = await createVisitor(api).get('/saml/idp/metadata');
    const certificate = /<md:KeyDescriptor use="signing">\s*<ds:KeyInfo[^>]*><ds:X509Data><ds:X509Certificate>([^<]*)/.exec(metadata.body)?.[1] ?? '';
    const signature = Buffer.from(new URL(location).searchParams.get('Signature') ?? '', 'base64');
    expect(verify('sha256', Buffer.from(signed), new X509Certificate(Buffer.from(certificate, 'base64')).publicKey, signature)).toBe(true);
    expect(metadata.body).toContain('AuthnRequestsSigned="true"');
    for (const binding of ['HTTP-Redirect', 'HTTP-POST', 'SOAP'])
      expect(metadata.body).toContain(
        `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="https://tenure.example/saml/idp/slo"/>`,
      );
    expect(new URL(location).searchParams.get('login_hint')).toBe('ada@contoso.example');
  });

  test('takes an answer that satisfies the demands', async () => {
    const asked = await demand(`&force=true&acr=${MFA}`);
    const done = await answer(asked, make(asked, { before: stated(instant(1), MFA) }));
    expect([done.location, hasSession(done)]).toEqual(['/continue?request=7', true]);
  });

  const answers: readonly (readonly [title: string, query: string, (xml: string) => string, error: string, reason: string])[] = [
    ['an old session where a new authentication was demanded', '&force=true', (xml) => stated(instant(-31))(xml), 'no-authn-context', 'authentication-too-old'],
    ['a weaker context than demanded', `&acr=${MFA}`, (xml) => xml, 'no-authn-context', 'context-unsatisfied'],
    ['a context that only begins like the demanded one', `&acr=${MFA}`, (xml) => stated(instant(0), `${MFA}x`)(xml), 'no-authn-context', 'context-unsatisfied'],
  ];
  for (const [title, query, before, error, reason] of answers)
    test(`refuses ${title}: the application is told, and no session begins`, async () => {
      const asked = await demand(query);
      await expectTold(await answer(asked, make(asked, { before })), error, reason);
      // The request is used up: a better answer to it comes too late.
      const second = await answer(asked, make(asked, { before: stated(instant(1), MFA) }));
      expect([second.status, hasSession(second)]).toEqual([403, false]);
    });

  const refusing = (asked: Asked, code: string, nested: string | null) =>
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0" IssueInstant="${api.now}" InResponseTo="${asked.id}"><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${code}">${nested === null ? '' : `<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${nested}"/>`}</samlp:StatusCode></samlp:Status></samlp:Response>`;
  test.each([
    ['NoPassive', 'no-passive', 'interaction-needed'],
    ['NoAuthnContext', 'no-authn-context', 'context-unsatisfied'],
    ['AuthnFailed', 'failed', 'status-not-success'],
  ])('%s of the provider comes back to the application as %s', async (nested, error, reason) => {
    const asked = await demand('&passive=true');
    await expectTold(await answer(asked, refusing(asked, 'Responder', nested)), error, reason);
  });

  test('a refusal that another browser brings ends nothing and leads nowhere', async () => {
    const asked = await demand('&passive=true');
    const stranger = await answer({ entry: 'idp', visitor: createVisitor(api) }, refusing(asked, 'Responder', 'NoPassive'));
    expect([stranger.status, stranger.location]).toEqual([403, null]);
    const done = await answer(asked, make(asked));
    expect(done.location).toBe('/continue?request=7');
  });

  test('somebody who began by themselves sees a page with a reference', async () => {
    const asked = await ask(api, 'idp');
    const refused = await answer(asked, refusing(asked, 'Responder', 'AuthnFailed'));
    expect([refused.status, refused.location]).toEqual([403, null]);
    expect(refused.body).toContain(refused.reference);
  });

  test('demands that cannot be read are refused, not left out', async () => {
    const refused = await createVisitor(api).get(`/saml/idp/login?acr=${encodeURIComponent(`a\u0000b`)}`);
    expect([refused.status, refused.location]).toEqual([403, null]);
  });
});

describe('OpenID Connect core 3.1.2.1 and 3.1.2.6: demands of an authentication request', () => {
  const seconds = (text: string): number => Math.floor(Date.parse(text) / 1000);
  async function go(query: string, back?: (good: URLSearchParams) => URLSearchParams): Promise<Answered & { readonly asked: URLSearchParams }> {
    const visitor = createVisitor(api);
    const location = await begin(visitor, 'op', `?returnTo=/continue?request=7&application=wiki${query}`);
    if (back !== undefined) op.play({ answer: back });
    const came = await op.visit(location);
    return { ...(await visitor.get(`${came.pathname}${came.search}`)), asked: new URL(location).searchParams };
  }

  test.each([
    ['&force=true', { prompt: 'login', max_age: '0' }],
    ['&passive=true', { prompt: 'none', max_age: null }],
    ['&passive=true&force=true', { prompt: 'none', max_age: '0' }],
    ['&acr=high%20higher&hint=vera', { acr_values: 'high higher', login_hint: 'vera', prompt: null }],
  ])('%s reaches the provider', async (query, expected) => {
    const { asked } = await go(query);
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, asked.get(name)]))).toEqual(expected);
  });

  test('takes an answer that satisfies the demands', async () => {
    op.person = { sub: 'o-vera', name: 'Vera', auth_time: seconds(api.now), acr: 'high', sid: 's-1' };
    const done = await go('&force=true&acr=high');
    expect([done.location, hasSession(done)]).toEqual(['/continue?request=7', true]);
    const [row] = await api.database.execute("select acr, source_index, source_subject, source_details from session where source_index = 's-1'");
    expect(row).toEqual({ acr: 'high', source_index: 's-1', source_subject: 'o-vera', source_details: null });
  });

  test.each([
    ['an old auth_time', '&force=true', -40, 'high', 'no-authn-context', 'authentication-too-old'],
    ['no auth_time', '&force=true', null, 'high', 'no-authn-context', 'authentication-too-old'],
    ['another acr', '&acr=high', 0, 'low', 'no-authn-context', 'context-unsatisfied'],
    ['no acr', '&acr=high', 0, undefined, 'no-authn-context', 'context-unsatisfied'],
  ])('refuses %s: the application is told', async (_title, query, age, acr, error, reason) => {
    op.person = { sub: 'o-vera', name: 'Vera', ...(age === null ? {} : { auth_time: seconds(api.now) + age }), ...(acr === undefined ? {} : { acr }) };
    await expectTold(await go(query), error, reason);
  });

  test.each([
    ['login_required', 'no-passive', 'interaction-needed'],
    ['interaction_required', 'no-passive', 'interaction-needed'],
    ['consent_required', 'no-passive', 'interaction-needed'],
    ['unmet_authentication_requirements', 'no-authn-context', 'context-unsatisfied'],
    ['access_denied', 'failed', 'authorization-refused'],
  ])('%s of the provider comes back to the application as %s', async (code, error, reason) => {
    const back = (good: URLSearchParams) => new URLSearchParams({ error: code, state: good.get('state') ?? '', iss: op.issuer });
    await expectTold(await go('&passive=true', back), error, reason);
  });

  test('a provider that does not answer is no page for somebody who wants none', async () => {
    op.play({ instead: (path, _request, response) => path === '/token' && Boolean(response.writeHead(503).end()) });
    await expectTold(await go('&passive=true'), 'failed', 'provider-unreachable');
    const seen = await go('');
    expect([seen.status, seen.location]).toEqual([502, null]);
  });
});

test('the keys by which Tenure authenticates at a provider are published, without their private parts', async () => {
  const { body } = await createVisitor(api).get('/oidc/op/jwks');
  const { keys } = JSON.parse(body) as { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  expect(keys.map((key) => Object.keys(key).toSorted())).toEqual([['alg', 'e', 'kid', 'kty', 'n', 'use']]);
  expect((await createVisitor(api).get('/oidc/nobody/jwks')).status).toBe(404);
});
