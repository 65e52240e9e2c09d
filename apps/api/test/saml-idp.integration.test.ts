import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createSigningKey,
  logoutRequest,
  type LogoutRequestInput,
  type NameId,
  parseResponse,
  parseSamlMetadata,
  PERSISTENT_FORMAT,
  readLogoutResponse,
  receivePost,
  receiveRedirect,
  receiveSoap,
  redirectQuery,
  redirectUrl,
  signElement,
  signRedirect,
  soapEnvelope,
  type VerifiedAssertion,
  verifySamlResponse,
} from '@tenure/federation';
import { createTestApi, later, type TestApi } from './api.ts';

/** Tenure as a SAML identity provider, with applications that are node-saml, or messages written by hand. */
const URL_OF_TENURE = 'http://localhost:4000';
const IDP = `${URL_OF_TENURE}/idp/saml`;
const WIKI_KEY = createSigningKey('wiki');
const accessYaml = `
entitlements:
  wiki.reader: { title: Reads the wiki, target: wiki, value: readers }
  tenure.admin: { title: Administers Tenure, target: tenure, value: admin }
birthright:
  - { name: readers, when: 'identity.department == "Finance"', entitlements: [wiki.reader], until: identity.endDate }
  - { name: admins, when: 'identity.department == "Admin"', entitlements: [tenure.admin] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
`;

let api: TestApi;
let directory: string;
let finance: Person;
let stranger: Person;

interface Person {
  readonly id: string;
  readonly token: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const acsOf = (name: string): string => `https://${name}.example/acs`;
const entityOf = (name: string): string => `https://${name}.example/metadata`;

function metadata(name: string, attributes: string, logout = ''): string {
  const certificate = WIKI_KEY.certificate.replace(/-----[^-]+-----|\s/g, '');
  return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityOf(name)}"><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" ${attributes}>
<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
${logout}<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${acsOf(name)}" index="0"/>
<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${acsOf(name)}2" index="1"/></md:SPSSODescriptor></md:EntityDescriptor>`;
}
const slo = (name: string, ...bindings: readonly string[]): string =>
  bindings
    .map((binding) => `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="https://${name}.example/slo"/>`)
    .join('');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-applications-'));
  const write = (name: string, text: string): Promise<void> => writeFile(join(directory, `${name}.xml`), text);
  await Promise.all([
    write('wiki', metadata('wiki', 'AuthnRequestsSigned="true"', slo('wiki', 'HTTP-Redirect', 'HTTP-POST', 'SOAP'))),
    write('crm', metadata('crm', '', slo('crm', 'SOAP'))),
    write('files', metadata('files', '')),
  ]);
  const everybody = `mayUse: { when: 'identity.department == "Finance"' }`;
  const tenureYaml = `
url: ${URL_OF_TENURE}
timeZone: Europe/Berlin
attributes:
  displayName: { type: string, title: Name }
  email: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  endDate: { type: instant }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
identityProviders:
  partner: { title: Partner, protocol: oidc, issuer: "https://login.contoso.example", clientId: tenure, mayLink: [privileged], attributes: { email: claims.email } }
targets: {}
applications:
  wiki: { title: Wiki & Co, protocol: saml, metadata: ${join(directory, 'wiki.xml')}, address: "https://wiki.example/", ${everybody}, attributes: { name: identity.displayName } }
  crm: { title: CRM, protocol: saml, metadata: ${join(directory, 'crm.xml')}, ${everybody}, subject: email, allowIdpInitiated: true }
  files: { title: Files, protocol: saml, metadata: ${join(directory, 'files.xml')}, ${everybody}, session: PT10M }
`;
  api = await createTestApi({
    tenureYaml,
    accessYaml,
    app: { loginRateLimit: 10_000 },
  });
  finance = await personOf('Finance');
  stranger = await personOf('Sales');
}, 60_000);

afterAll(async () => {
  await api?.stop();
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  api.now = later(api.now, 0.01);
});

let count = 0;
async function personOf(department: string, facts: object = {}): Promise<Person> {
  count += 1;
  const number = `n${count}`;
  const { identityId } = await api.record({
    externalId: number,
    facts: { displayName: `Zoë ${count} <b>`, employeeNumber: number, department, email: `${number}@contoso.example`, ...facts },
  });
  return logIn({ id: identityId ?? '', token: '' });
}
const act = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }) as const;
/** A new session, as a login opens one. @param facts what the source states */
async function logIn({ id }: Person, facts: { readonly acr?: string; readonly authenticatedAt?: string } = {}): Promise<Person> {
  const { token, session } = await api.store.transaction(act(), (tx) => tx.sessions.open(id, 'partner', api.now, later(api.now, 8)));
  const { acr = null, authenticatedAt = api.now } = facts;
  await api.database.execute('update session set acr = ?, authenticated_at = ? where id = ?', [acr, authenticatedAt, session.id]);
  return { id, token };
}

/** Cookies of a browser, over several requests. */
interface Browser {
  readonly cookies: Map<string, string>;
  open(request: { readonly url: string; readonly post?: Readonly<Record<string, string>> | string }): Promise<Reply>;
}
interface Reply {
  readonly status: number;
  readonly body: string;
  readonly location: string | null;
  readonly policy: string;
  readonly referrer: string;
  /** Fields of the form of the page, and its address. */
  readonly form: { readonly action: string; readonly SAMLResponse: string; readonly RelayState: string | null } | null;
}
function browser(person: Person | null): Browser {
  const cookies = new Map<string, string>(person === null ? [] : [['tenure_session', person.token]]);
  return {
    cookies,
    async open({ url, post }) {
      const response = await api.app.inject({
        method: post === undefined ? 'GET' : 'POST',
        url: url.replace(URL_OF_TENURE, ''),
        headers: {
          cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '),
          ...(post === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(post === undefined ? {} : { payload: typeof post === 'string' ? post : new URLSearchParams(post).toString() }),
      });
      for (const { name, value } of response.cookies) cookies.set(name, value);
      const { body } = response;
      const field = (name: string): string | null => unescaped(new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? null);
      const action = unescaped(/<form method="post" action="([^"]*)"/.exec(body)?.[1] ?? null);
      const saml = field('SAMLResponse');
      return {
        status: response.statusCode,
        body,
        location: (response.headers['location'] as string | undefined) ?? null,
        policy: String(response.headers['content-security-policy']),
        referrer: String(response.headers['referrer-policy']),
        form: action === null || saml === null ? null : { action, SAMLResponse: saml, RelayState: field('RelayState') },
      };
    },
  };
}
function unescaped(text: string | null): string | null {
  return (
    text
      ?.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&') ?? null
  );
}

/** The receiving side of Tenure reads the response, as an application would. */
async function verified(reply: Reply, name: string, inResponseTo: string | null, acsUrl = acsOf(name)): Promise<VerifiedAssertion> {
  const provider = parseSamlMetadata((await browser(null).open({ url: `${IDP}/metadata` })).body, api.now);
  return verifySamlResponse({
    response: parseResponse(reply.form?.SAMLResponse ?? ''),
    provider,
    serviceProvider: { entityId: entityOf(name), acsUrl, signed: 'both' },
    expectedInResponseTo: inResponseTo,
    clockSkew: 1000,
    now: api.now,
  });
}

interface RequestParts {
  readonly id?: string;
  readonly name?: string;
  readonly attributes?: string;
  readonly inside?: string;
  readonly destination?: string;
}
let requests = 0;
function authnRequest({ id, name = 'wiki', attributes = '', inside = '', destination = `${IDP}/sso` }: RequestParts = {}): string {
  requests += 1;
  return (
    `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id ?? `_r${requests}`}" Version="2.0"` +
    ` IssueInstant="${api.now}" Destination="${destination}" ${attributes}><saml:Issuer>${entityOf(name)}</saml:Issuer>${inside}</samlp:AuthnRequest>`
  );
}
const byRedirect = (parts: RequestParts = {}, relayState: string | null = null): string =>
  redirectUrl(`${IDP}/sso`, signRedirect(redirectQuery('SAMLRequest', authnRequest(parts), relayState), WIKI_KEY.privateKey));
const byPost = (parts: RequestParts = {}, relayState = 'state') => ({
  url: `${IDP}/sso`,
  post: { SAMLRequest: base64(signElement(authnRequest(parts), { element: 'AuthnRequest', ...WIKI_KEY })), RelayState: relayState },
});
const read = (reply: Reply): string => Buffer.from(reply.form?.SAMLResponse ?? '', 'base64').toString();
const statusOf = (reply: Reply): readonly string[] => Array.from(read(reply).matchAll(/StatusCode Value="[^"]*:(\w+)"/g), ([, code]) => code ?? '');
const part = (reply: Reply, pattern: RegExp): string | null => pattern.exec(read(reply))?.[1] ?? null;
const events = async (identityId: string): Promise<readonly unknown[]> =>
  (await api.database.execute(`select action from audit_event where identity_id = ? and action like 'application.%' order by at, id`, [identityId])).map(
    ({ action }) => action,
  );
/** Follows a request to the place where its person proves who they are. */
async function kept(by: Browser, request: Parameters<Browser['open']>[0]): Promise<{ readonly continuation: string; readonly login: URLSearchParams }> {
  const first = await by.open(request);
  const second = await by.open({ url: first.location ?? '' });
  expect([first.status, second.status, second.location?.split('?')[0]]).toEqual([303, 303, '/login']);
  const login = new URL(second.location ?? '', URL_OF_TENURE).searchParams;
  expect(login.get('returnTo')).toBe(first.location);
  return { continuation: first.location ?? '', login };
}
/** Lets a browser come back with a new session. */
async function comeBack(by: Browser, person: Person, facts: Parameters<typeof logIn>[1] = {}): Promise<Browser> {
  api.now = later(api.now, 0.001);
  by.cookies.set('tenure_session', (await logIn(person, facts)).token);
  return by;
}
const CLASSES = 'urn:oasis:names:tc:SAML:2.0:ac:classes:';
const context = (name: string, comparison = 'exact'): string =>
  `<samlp:RequestedAuthnContext Comparison="${comparison}"><saml:AuthnContextClassRef>${CLASSES}${name}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`;

describe('SAML profiles 4.1.3: single sign-on by an application', () => {
  test('with a session answers at once, with what policy gives, and audits the entry', async () => {
    const person = await personOf('Finance');
    const reply = await browser(person).open({ url: byRedirect({ id: '_at-once' }, 'a&"b <c>é\n') });
    expect([reply.status, reply.form?.action, reply.form?.RelayState]).toEqual([200, acsOf('wiki'), 'a&"b <c>é\n']);
    const assertion = await verified(reply, 'wiki', '_at-once');
    expect(assertion).toMatchObject({ nameIdFormat: PERSISTENT_FORMAT, claims: { groups: ['readers'], name: [expect.stringContaining('Zoë')] } });
    expect([assertion.subject, JSON.stringify(assertion.claims)].some((text) => text.includes('contoso.example'))).toBe(false);
    expect(await events(person.id)).toEqual(['application.entered']);
    // The reply is sent once, and the request is not read a second time.
    expect(api.log.filter((line) => /already sent|was refused/.test(line))).toEqual([]);
  });

  test.each([
    ['redirect', (id: string) => ({ url: byRedirect({ id }, 'state') })],
    ['form', (id: string) => byPost({ id })],
  ])('by %s without a session waits for a login, and answers after it', async (binding, request) => {
    const id = `_waits-${binding}`;
    const own = browser(null);
    const { continuation, login } = await kept(own, request(id));
    expect(Object.fromEntries(login)).toEqual({ returnTo: continuation, application: 'wiki' });
    const reply = await (await comeBack(own, finance)).open({ url: continuation });
    expect([reply.form?.RelayState, reply.form?.action]).toEqual(['state', acsOf('wiki')]);
    expect(await verified(reply, 'wiki', id)).toMatchObject({ inResponseTo: id });
  });

  test('gives the same person another name at each application, and the same one each time', async () => {
    const subjects: string[] = [];
    for (const [index, name] of ['wiki', 'files', 'wiki'].entries()) {
      const id = `_names-${index}`;
      subjects.push((await verified(await browser(finance).open({ url: byRedirect({ id, name }) }), name, id)).subject);
    }
    expect([subjects[0] === subjects[2], subjects[0] === subjects[1]]).toEqual([true, false]);
  });

  test('lets no session there last longer than the entry allows, or than the person does', async () => {
    const endDate = later(api.now, 0.1);
    const leaver = await personOf('Finance', { endDate });
    const files = await browser(await personOf('Finance')).open({ url: byRedirect({ id: '_ten-minutes', name: 'files' }) });
    const tenMinutes = new Date(Date.parse(api.now) + 600_000).toISOString();
    expect((await verified(files, 'files', '_ten-minutes')).sessionEnd).toBe(`${tenMinutes.slice(0, 19)}.000Z`);
    const wiki = await browser(leaver).open({ url: byRedirect({ id: '_leaver' }) });
    expect(Date.parse((await verified(wiki, 'wiki', '_leaver')).sessionEnd ?? '')).toBeLessThanOrEqual(Date.parse(endDate));
  });

  test('sends its page to the origin of the application alone, and works without its script', async () => {
    const reply = await browser(finance).open({ url: byRedirect() });
    expect(reply.policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; form-action https://wiki.example; base-uri 'none'; frame-ancestors 'none'",
    );
    // The application sees which origin the form is of, and no address.
    expect(reply.referrer).toBe('strict-origin');
    expect(reply.body).toContain('<button>Continue to Wiki &amp; Co</button>');
    expect((await browser(null).open({ url: `${IDP}/post.js` })).body).toContain('submit()');
  });

  test('tells a person who may not enter why, and the application nothing', async () => {
    const reply = await browser(stranger).open({ url: byRedirect() });
    expect([reply.status, reply.form, reply.body.includes('You cannot use Wiki &amp; Co')]).toEqual([403, null, true]);
    expect(await events(stranger.id)).toContain('application.refused');
  });

  test('sends an e-mail address only where the entry says so', async () => {
    const reply = await browser(finance).open({ url: byRedirect({ id: '_email', name: 'crm' }) });
    expect(await verified(reply, 'crm', '_email')).toMatchObject({ subject: 'n1@contoso.example' });
    expect(part(reply, /<saml:NameID ([^>]*)>/)).toBe('Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"');
  });
});

describe('SAML core 3.4.1: ForceAuthn and RequestedAuthnContext', () => {
  test('a new authentication is asked of the source, and an older one does not do', async () => {
    const own = browser(finance);
    const { continuation, login } = await kept(own, { url: byRedirect({ id: '_force', attributes: 'ForceAuthn="true"' }) });
    expect(login.get('force')).toBe('true');
    const reply = await (await comeBack(own, finance)).open({ url: continuation });
    const instant = Date.parse(part(reply, /AuthnInstant="([^"]*)"/) ?? '');
    expect([statusOf(reply), instant >= Date.parse(api.now) - 5000]).toEqual([['Success'], true]);
  });
  test('a source that only repeats an older authentication gets NoAuthnContext back to the application', async () => {
    const own = browser(finance);
    const { continuation } = await kept(own, { url: byRedirect({ attributes: 'ForceAuthn="true"' }) });
    const reply = await (await comeBack(own, finance, { authenticatedAt: later(api.now, -1) })).open({ url: continuation });
    expect([statusOf(reply), reply.form?.action]).toEqual([['Responder', 'NoAuthnContext'], acsOf('wiki')]);
  });
  test('a session with the demanded context enters at once', async () => {
    const token = await logIn(finance, { acr: `${CLASSES}TimeSyncToken` });
    const reply = await browser(token).open({ url: byRedirect({ id: '_context', inside: context('PasswordProtectedTransport', 'minimum') }) });
    expect([statusOf(reply), part(reply, /<saml:AuthnContextClassRef>([^<]*)</)]).toEqual([['Success'], `${CLASSES}TimeSyncToken`]);
  });
  test('a session without it asks the source, and its answer without it is NoAuthnContext', async () => {
    const own = browser(finance);
    const { continuation, login } = await kept(own, { url: byRedirect({ inside: context('TimeSyncToken') }) });
    expect(login.get('acr')).toBe(`${CLASSES}TimeSyncToken`);
    const reply = await (await comeBack(own, finance, { acr: `${CLASSES}Password` })).open({ url: continuation });
    expect(statusOf(reply)).toEqual(['Responder', 'NoAuthnContext']);
  });
  test('a session with it after the login enters', async () => {
    const own = browser(finance);
    const { continuation } = await kept(own, { url: byRedirect({ inside: context('TimeSyncToken') }) });
    expect(statusOf(await (await comeBack(own, finance, { acr: `${CLASSES}TimeSyncToken` })).open({ url: continuation }))).toEqual(['Success']);
  });
  test('IsPassive without a session asks no one, and is answered with NoPassive', async () => {
    const own = browser(null);
    const { continuation, login } = await kept(own, { url: byRedirect({ attributes: 'IsPassive="true"' }) });
    expect(login.get('passive')).toBe('true');
    expect(statusOf(await own.open({ url: continuation }))).toEqual(['Responder', 'NoPassive']);
  });
  test('IsPassive of somebody who may not enter shows nothing, and is answered with RequestDenied', async () =>
    expect(statusOf(await browser(stranger).open({ url: byRedirect({ attributes: 'IsPassive="true"' }) }))).toEqual(['Responder', 'RequestDenied']));
  test('a browser that never brings a session back is not sent round for ever', async () => {
    const own = browser(null);
    const { continuation } = await kept(own, { url: byRedirect() });
    expect((await own.open({ url: continuation })).location).toContain('/login?');
    expect((await own.open({ url: continuation })).location).toContain('/login?');
    expect(statusOf(await own.open({ url: continuation }))).toEqual(['Responder', 'AuthnFailed']);
  });
});

describe('SAML core 3.4.1.1: NameIDPolicy and Subject', () => {
  const policy = (attributes: string): string => `<samlp:NameIDPolicy ${attributes}/>`;
  test.each([
    ['a transient name', policy('Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"'), ['Requester', 'InvalidNameIDPolicy']],
    [
      'an e-mail address, which the entry does not give',
      policy('Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"'),
      ['Requester', 'InvalidNameIDPolicy'],
    ],
    ['a name at another application', policy('SPNameQualifier="https://other.example"'), ['Requester', 'InvalidNameIDPolicy']],
    ['any name', policy('Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"'), ['Success']],
    ['a persistent name', policy('Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"'), ['Success']],
    ['somebody else', '<saml:Subject><saml:NameID>nobody</saml:NameID></saml:Subject>', ['Responder', 'UnknownPrincipal']],
  ])('%s', async (_what, inside, status) => expect(statusOf(await browser(finance).open({ url: byRedirect({ inside }) }))).toEqual(status));
  test('a name that the person does not have yet is not created where that is forbidden', async () => {
    const person = await personOf('Finance');
    const inside = policy('AllowCreate="false"');
    expect(statusOf(await browser(person).open({ url: byRedirect({ inside }) }))).toEqual(['Requester', 'InvalidNameIDPolicy']);
    expect(await events(person.id)).toEqual([]);
    await browser(person).open({ url: byRedirect() });
    expect(statusOf(await browser(person).open({ url: byRedirect({ inside }) }))).toEqual(['Success']);
  });
  test('the person whom the application expects enters', async () => {
    const { subject } = await verified(await browser(finance).open({ url: byRedirect({ id: '_expects' }) }), 'wiki', '_expects');
    const inside = `<saml:Subject><saml:NameID>${subject}</saml:NameID></saml:Subject>`;
    expect(statusOf(await browser(finance).open({ url: byRedirect({ inside }) }))).toEqual(['Success']);
  });
});

describe('tabs, back buttons and time', () => {
  test('two tabs wait side by side, and each gets its own answer', async () => {
    const own = browser(null);
    const tabs = [await kept(own, byPost({ id: '_tab-1' }, 'one')), await kept(own, byPost({ id: '_tab-2' }, 'two'))];
    await comeBack(own, finance);
    for (const [index, state] of ['one', 'two'].entries()) {
      const reply = await own.open({ url: tabs[index]?.continuation ?? '' });
      expect([reply.form?.RelayState, (await verified(reply, 'wiki', `_tab-${index + 1}`)).inResponseTo]).toEqual([state, `_tab-${index + 1}`]);
    }
  });
  test('the back button to a request that still waits goes on with it', async () => {
    const own = browser(null);
    const request = byPost({ id: '_back' });
    const { continuation } = await kept(own, request);
    expect((await own.open(request)).location).toBe(continuation);
  });
  test('the back button to a request that was answered is a page in words that leads to the application', async () => {
    const own = browser(null);
    const { continuation } = await kept(own, byPost({ id: '_answered' }));
    await comeBack(own, finance);
    expect((await own.open({ url: continuation })).form).not.toBeNull();
    const again = await own.open({ url: continuation });
    expect([again.status, again.form, again.body.includes('href="https://wiki.example/"')]).toEqual([410, null, true]);
  });
  test('a request that expired in between is a page in words', async () => {
    const own = browser(null);
    const { continuation } = await kept(own, byPost());
    await comeBack(own, finance);
    api.now = later(api.now, 0.2);
    const reply = await own.open({ url: continuation });
    expect([reply.status, reply.body.includes('longer than ten minutes')]).toEqual([410, true]);
  });
  test('a request is answered once by two browsers at the same time', async () => {
    const own = browser(null);
    const { continuation } = await kept(own, byPost());
    await comeBack(own, finance);
    const replies = await Promise.all([own.open({ url: continuation }), own.open({ url: continuation })]);
    expect(replies.filter(({ form }) => form !== null)).toHaveLength(1);
  });
});

describe('attacks on single sign-on', () => {
  const refused = async (request: Parameters<Browser['open']>[0], status = 403): Promise<Reply> => {
    const reply = await browser(finance).open(request);
    expect([reply.status, reply.form, reply.location]).toEqual([status, null, null]);
    expect(reply.body).toMatch(/reference: <code>[\w-]+<\/code>/);
    return reply;
  };
  test('a replayed request of another browser is refused', async () => {
    const url = byRedirect({ id: '_replayed' });
    await browser(finance).open({ url });
    await refused({ url });
  });
  test('a request that was kept for one browser is of no use to another, nor without its secret', async () => {
    const own = browser(null);
    const { continuation } = await kept(own, byPost());
    await refused({ url: continuation });
    const cookie = own.cookies.get('tenure_entry') ?? '';
    const thief = browser(finance);
    thief.cookies.set('tenure_entry', cookie.replace(/\.[^.]*$/, '.AAAAAAAAAAAAAAAAAAAAAAAA'));
    expect((await thief.open({ url: continuation })).status).toBe(403);
  });
  test('the continuation of one application is not that of another', async () => {
    const own = browser(null);
    const { continuation } = await kept(own, byPost());
    await comeBack(own, finance);
    expect((await own.open({ url: continuation.replace('/wiki/', '/files/') })).status).toBe(410);
    expect((await own.open({ url: continuation.replace('/wiki/', '/nowhere/') })).status).toBe(404);
  });
  test.each([
    ['an address of responses that is not registered', () => byRedirect({ attributes: 'AssertionConsumerServiceURL="https://evil.example/acs"' })],
    ['an unknown application', () => redirectUrl(`${IDP}/sso`, redirectQuery('SAMLRequest', authnRequest({ name: 'evil' }), null))],
    ['no signature', () => redirectUrl(`${IDP}/sso`, redirectQuery('SAMLRequest', authnRequest(), null))],
    ['another key', () => redirectUrl(`${IDP}/sso`, signRedirect(redirectQuery('SAMLRequest', authnRequest(), null), createSigningKey('x').privateKey))],
    ['another relay state than was signed', () => byRedirect({}, 'x').replace('RelayState=x', 'RelayState=https%3A%2F%2Fevil.example')],
    ['two messages', () => `${byRedirect()}&SAMLRequest=AAAA`],
    ['another destination', () => byRedirect({ destination: 'https://other.example' })],
    ['a bomb', () => redirectUrl(`${IDP}/sso`, redirectQuery('SAMLRequest', ' '.repeat(5_000_000), null))],
    ['an entity', () => redirectUrl(`${IDP}/sso`, redirectQuery('SAMLRequest', `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`, null))],
    ['no message', () => `${IDP}/sso?RelayState=https://evil.example`],
    ['nothing', () => `${IDP}/sso`],
  ])('%s is a page with a reference', (_what, url) => refused({ url: url() }));
  test('a form with a field twice is refused', () =>
    refused({ url: `${IDP}/sso`, post: `${new URLSearchParams(byPost().post)}&RelayState=https://evil.example` }));
  test('nothing of a message is shown on the page of its refusal', async () => {
    const reply = await refused({
      url: redirectUrl(
        `${IDP}/sso`,
        redirectQuery('SAMLRequest', authnRequest({ name: '"><script>alert(1)</script>' }).replace(/<script>|<\/script>/g, ''), null),
      ),
    });
    expect(reply.body).not.toContain('alert(1)');
  });
  test('a body of another kind is not read', async () => {
    const reply = await api.app.inject({ method: 'POST', url: '/idp/saml/sso', headers: { 'content-type': 'application/json' }, payload: '{}' });
    expect(reply.statusCode).toBe(415);
  });
  test('HEAD uses nothing up', async () => {
    const url = byRedirect({ id: '_head' });
    await api.app.inject({ method: 'HEAD', url: url.replace(URL_OF_TENURE, '') });
    expect(statusOf(await browser(finance).open({ url }))).toEqual(['Success']);
  });
});

describe('SAML profiles 4.1.5: logins that Tenure begins', () => {
  test('are there for applications that allow them, without a request and without a relay state', async () => {
    const own = browser(null);
    const { continuation } = await kept(own, { url: `${IDP}/start/crm?RelayState=https://evil.example` });
    const reply = await (await comeBack(own, finance)).open({ url: continuation });
    expect([reply.form?.RelayState, read(reply).includes('InResponseTo')]).toEqual([null, false]);
    expect(await verified(reply, 'crm', null)).toMatchObject({ subject: 'n1@contoso.example' });
  });
  test.each([
    ['wiki', 403],
    ['nowhere', 404],
  ])('are refused for %s', async (name, status) => expect((await browser(finance).open({ url: `${IDP}/start/${name}` })).status).toBe(status));
});

describe('SAML profiles 4.4: single logout by an application', () => {
  interface Entered {
    readonly nameId: NameId;
    readonly sessionIndex: string;
  }
  /** Enters an application. */
  async function enter(person: Person, name: string): Promise<Entered> {
    const id = `_enter-${(requests += 1)}`;
    const reply = await browser(person).open({ url: byRedirect({ id, name }) });
    const { subject, sessionIndex, nameIdFormat } = await verified(reply, name, id);
    return { sessionIndex: sessionIndex ?? '', nameId: { value: subject, format: nameIdFormat, nameQualifier: null, spNameQualifier: null } };
  }
  const logout = (entered: Entered, more: Partial<LogoutRequestInput> & { readonly name?: string } = {}): string => {
    requests += 1;
    const { name = 'wiki', ...parts } = more;
    return logoutRequest({
      id: `_logout-${requests}`,
      issuer: entityOf(name),
      destination: `${IDP}/slo`,
      ...entered,
      notOnOrAfter: later(api.now, 0.1),
      now: api.now,
      ...parts,
    });
  };
  const slo = (xml: string, key = WIKI_KEY): string => redirectUrl(`${IDP}/slo`, signRedirect(redirectQuery('SAMLRequest', xml, 'state'), key.privateKey));
  const isLoggedIn = async (person: Person): Promise<boolean> => (await browser(person).open({ url: `${URL_OF_TENURE}/me` })).body.includes('Log out');
  const expected = async (name: string) => ({
    sender: parseSamlMetadata((await browser(null).open({ url: `${IDP}/metadata` })).body, api.now),
    destination: `https://${name}.example/slo`,
    clockSkew: 1000,
    now: api.now,
  });
  const sessionsOf = async (person: Person): Promise<readonly unknown[]> => api.store.read((tx) => tx.applicationSessions.openOf([person.id], api.now));

  test('by redirect ends the session there, in Tenure and at the others, and answers by redirect', async () => {
    const person = await personOf('Finance');
    const entered = await enter(person, 'wiki');
    await enter(person, 'crm');
    const reply = await browser(person).open({ url: slo(logout(entered)) });
    const answer = receiveRedirect((reply.location ?? '').split('?')[1] ?? '');
    expect([reply.status, answer.relayState]).toEqual([303, 'state']);
    expect(readLogoutResponse(answer, await expected('wiki'))).toMatchObject({ isComplete: true });
    expect([await isLoggedIn(person), await sessionsOf(person)]).toEqual([false, []]);
    const ended = await api.database.execute(
      `select c.ended_reason as why from credential c where c.identity_id = ? and c.kind = 'application-session' order by 1`,
      [person.id],
    );
    expect(ended.map(({ why }) => why)).toEqual(['logged out at an application', 'logged out at the application']);
  });

  test('by form answers by form, and says that an application cannot be told', async () => {
    const person = await personOf('Finance');
    const entered = await enter(person, 'wiki');
    await enter(person, 'files');
    const post = { SAMLRequest: base64(signElement(logout(entered), { element: 'LogoutRequest', ...WIKI_KEY })), RelayState: 'state' };
    const reply = await browser(null).open({ url: `${IDP}/slo`, post });
    expect([reply.form?.action, reply.form?.RelayState, reply.policy.includes('form-action https://wiki.example;')]).toEqual([
      'https://wiki.example/slo',
      'state',
      true,
    ]);
    const answer = readLogoutResponse(receivePost({ SAMLResponse: reply.form?.SAMLResponse ?? '' }), await expected('wiki'));
    expect(answer).toMatchObject({ status: ['Success', 'PartialLogout'], isComplete: false });
    expect(await sessionsOf(person)).toEqual([]);
  });

  const bySoap = (xml: string) =>
    api.app.inject({
      method: 'POST',
      url: '/idp/saml/soap',
      headers: { 'content-type': 'text/xml', soapaction: '"http://www.oasis-open.org/committees/security"' },
      payload: soapEnvelope(xml),
    });
  const signed = (xml: string): string => signElement(xml, { element: 'LogoutRequest', ...WIKI_KEY });

  test('by SOAP answers in the same connection', async () => {
    const person = await personOf('Finance');
    const entered = await enter(person, 'wiki');
    const reply = await bySoap(signed(logout(entered, { destination: `${IDP}/soap` })));
    expect(readLogoutResponse(receiveSoap(reply.body), await expected('wiki'))).toMatchObject({ isComplete: true });
    expect([reply.headers['content-type'], await isLoggedIn(person)]).toEqual(['text/xml; charset=utf-8', false]);
  });

  test('without an index ends every session of the person there, and each session in Tenure above them', async () => {
    const person = await personOf('Finance');
    const second = await logIn(person);
    const entered = await enter(person, 'wiki');
    await enter(second, 'wiki');
    expect((await browser(null).open({ url: slo(logout({ ...entered, sessionIndex: null as never })) })).status).toBe(303);
    expect([await isLoggedIn(person), await isLoggedIn(second)]).toEqual([false, false]);
  });

  test('with an index leaves other sessions of the person alone', async () => {
    const person = await personOf('Finance');
    const second = await logIn(person);
    const entered = await enter(person, 'wiki');
    await enter(second, 'wiki');
    await browser(null).open({ url: slo(logout(entered)) });
    expect([await isLoggedIn(person), await isLoggedIn(second)]).toEqual([false, true]);
  });

  test('of a session that has ended already is answered with success', async () => {
    const person = await personOf('Finance');
    const entered = await enter(person, 'wiki');
    await browser(null).open({ url: slo(logout(entered)) });
    const reply = await browser(null).open({ url: slo(logout(entered)) });
    expect(readLogoutResponse(receiveRedirect((reply.location ?? '').split('?')[1] ?? ''), await expected('wiki'))).toMatchObject({ isComplete: true });
  });

  test('without an address for answers shows a page', async () => {
    const person = await personOf('Finance');
    const entered = await enter(person, 'files');
    await enter(person, 'wiki');
    const reply = await browser(person).open({ url: slo(logout(entered, { name: 'files' })) });
    expect([reply.status, reply.body.includes('logged out of Files')]).toEqual([200, true]);
    expect(await isLoggedIn(person)).toBe(false);
  });

  describe('attacks', () => {
    let person: Person;
    let entered: Entered;
    beforeAll(async () => {
      person = await personOf('Finance');
      entered = await enter(person, 'wiki');
    });
    test.each<[string, () => Promise<string>]>([
      ['unsigned', async () => redirectUrl(`${IDP}/slo`, redirectQuery('SAMLRequest', logout(entered), null))],
      ['of another key', async () => slo(logout(entered), createSigningKey('x'))],
      ['for another address', async () => slo(logout(entered, { destination: `${IDP}/soap` }))],
      ['whose time is over', async () => slo(logout(entered, { notOnOrAfter: later(api.now, -1) }))],
      ['of an unknown application', async () => slo(logout(entered, { name: 'evil' }))],
      ['with two messages', async () => `${slo(logout(entered))}&SAMLRequest=AAAA`],
      ['changed on its way', async () => slo(logout(entered)).replace('RelayState=state', 'RelayState=https%3A%2F%2Fevil.example')],
      ['that is no request for a logout', async () => slo(authnRequest({ destination: `${IDP}/slo` }))],
    ])('a logout %s ends nothing and leads nowhere', async (_what, url) => {
      const reply = await browser(person).open({ url: await url() });
      expect([reply.status, reply.location, await isLoggedIn(person)]).toEqual([403, null, true]);
    });
    test.each<[string, () => string]>([
      ['with the name of another', () => logout({ ...entered, nameId: { ...entered.nameId, value: 'somebody' } })],
      ['with the index of nobody', () => logout({ ...entered, sessionIndex: '_nobody' })],
      [
        'with a name in another format',
        () => logout({ ...entered, nameId: { ...entered.nameId, format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' } }),
      ],
      ['with a name at another application', () => logout({ ...entered, nameId: { ...entered.nameId, spNameQualifier: entityOf('crm') } })],
      [
        'with a comment in the name of another',
        () => logout({ ...entered, nameId: { ...entered.nameId, value: `x${entered.nameId.value}` } }).replace('>x', '>x<!---->'),
      ],
      ['of another application with its name and index', () => logout(entered, { name: 'files' })],
    ])('a logout %s is of nobody, and ends nothing', async (_what, xml) => {
      const reply = await browser(null).open({ url: slo(xml()) });
      const isAnswered = reply.location === null || receiveRedirect(reply.location.split('?')[1] ?? '').xml.includes('UnknownPrincipal');
      expect([isAnswered, await isLoggedIn(person)]).toEqual([true, true]);
    });
    test('a replayed logout is refused, though the person has logged in again', async () => {
      const other = await personOf('Finance');
      const there = await enter(other, 'wiki');
      const url = slo(logout({ ...there, sessionIndex: null as never }));
      expect((await browser(null).open({ url })).status).toBe(303);
      const again = await logIn(other);
      await enter(again, 'wiki');
      const reply = await browser(null).open({ url });
      expect([reply.status, await isLoggedIn(again)]).toEqual([403, true]);
    });
    test('by SOAP are answered by a fault that names a reason and a reference', async () => {
      const reply = await bySoap(logout(entered, { destination: `${IDP}/soap` }));
      expect([reply.statusCode, reply.body.includes('<faultstring>signature-missing, reference '), await isLoggedIn(person)]).toEqual([500, true, true]);
      expect((await bySoap('<!DOCTYPE a [<!ENTITY b "c">]>')).statusCode).toBe(500);
    });
  });
});

describe('SAML metadata of Tenure', () => {
  test('is for anybody, signed, and has the key that signs', async () => {
    const reply = await browser(null).open({ url: `${IDP}/metadata` });
    expect(parseSamlMetadata(reply.body, api.now)).toMatchObject({
      entityId: `${IDP}/metadata`,
      ssoUrl: `${IDP}/sso`,
      signingCertificates: [expect.anything()],
    });
    expect(reply.body).toContain('<ds:SignatureValue>');
  });
  test('an application whose metadata adds a key is read again when it signs with it', async () => {
    const next = createSigningKey('next');
    const url = () => redirectUrl(`${IDP}/sso`, signRedirect(redirectQuery('SAMLRequest', authnRequest(), null), next.privateKey));
    expect((await browser(finance).open({ url: url() })).status).toBe(403);
    const file = join(directory, 'wiki.xml');
    const before = metadata('wiki', 'AuthnRequestsSigned="true"', slo('wiki', 'HTTP-Redirect', 'HTTP-POST', 'SOAP'));
    const added = before.replace(
      /(<md:KeyDescriptor.*?)(<ds:X509Certificate>)[^<]*(.*?<\/md:KeyDescriptor>)/s,
      (whole, start: string, tag: string, end: string) => whole + start + tag + next.certificate.replace(/-----[^-]+-----|\s/g, '') + end,
    );
    await writeFile(file, added);
    // Strangers make Tenure look once a minute at most.
    api.now = later(api.now, 0.05);
    expect(statusOf(await browser(finance).open({ url: url() }))).toEqual(['Success']);
  });
});
