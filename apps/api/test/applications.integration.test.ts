import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Entry, enterApplication } from '@tenure/engine/applications';
import { formToken } from '../access/cross-site.ts';
import { entryRefusalPage } from '../pages/applications/entry-refusal-page.ts';
import { createTestApi, later, type TestApi } from './api.ts';

const tenureYaml = (logos: string): string => `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string, title: Name }
  email: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
sources:
  hr: { title: Human resources, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
identityProviders:
  partner: { title: Contoso & partners, protocol: oidc, issuer: https://login.contoso.example, clientId: tenure, trustedEmailDomains: [contoso.example], mayLink: [privileged] }
  corp: { title: Corporate login, protocol: saml, metadata: https://idp.corp.example/metadata, domains: [corp.example] }
applications:
  wiki: { title: "Wiki <b>of</b> all", protocol: saml, metadata: wiki.xml, logo: ${logos}/wiki.svg, address: "https://wiki.example/?a=1&b=2", provider: corp }
  shop: { title: Shop, protocol: oidc, clientId: shop, redirectUris: [https://shop.example/cb], logo: ${logos}/shop.png, mayUse: { when: 'identity.department == "Finance"' } }
  safe: { title: Safe, protocol: saml, metadata: safe.xml, logo: ${logos}/huge.png }
  mailbox: { title: Mailbox, protocol: saml, metadata: mailbox.xml, subject: email, mayUse: { when: "true" }, logo: ${logos}/page.svg }
`;
const accessYaml = `
entitlements:
  wiki.reader: { title: Reads the wiki, target: wiki, value: readers }
  wiki.editor: { title: Edits the wiki, target: wiki, value: editors }
  safe.opener: { title: Opens the safe, target: safe }
  tenure.admin: { title: Administers Tenure, target: tenure, value: admin }
roles:
  author: { title: Author, entitlements: [wiki.editor] }
birthright:
  - { name: readers, when: 'identity.department == "Finance"', entitlements: [wiki.reader] }
  - { name: authors, when: 'identity.department == "Press"', roles: [author] }
  - { name: admins, when: 'identity.department == "Admin"', entitlements: [tenure.admin] }
requestable:
  - { name: writing, roles: [author], entitlements: [wiki.reader], maximumDuration: P90D, stages: [{ name: owner, approvers: [{ holders: tenure.admin }], deadline: P5D }] }
separation:
  - { name: four-eyes, conflicting: [[wiki.reader], [safe.opener]] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
`;

let api: TestApi;
let logos: string;
beforeAll(async () => {
  logos = await mkdtemp(join(tmpdir(), 'tenure-logos-'));
  await writeFile(join(logos, 'wiki.svg'), '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  await writeFile(join(logos, 'shop.png'), Buffer.from('89504e470d0a1a0a00', 'hex'));
  await writeFile(join(logos, 'huge.png'), Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(300_000)]));
  await writeFile(join(logos, 'page.svg'), '<html><script>alert(1)</script></html>');
  api = await createTestApi({ tenureYaml: tenureYaml(logos), accessYaml });
});
afterAll(async () => {
  await api.stop();
  await rm(logos, { recursive: true });
});

type Person = Awaited<ReturnType<TestApi['person']>>;
const get = (url: string, token: string | null = null, cookies = '') =>
  api.app.inject({ method: 'GET', url, headers: { cookie: `${token === null ? '' : `tenure_session=${token}; `}${cookies}` } });
const pageOf = async ({ token }: Person, query = ''): Promise<string> => (await get(`/applications${query}`, token)).body;
const enter = ({ id, token }: Person, application: string): Promise<Entry> =>
  api.store.transaction({ actor: { kind: 'person', id }, correlationId: 'entry', now: api.now }, async (tx) => {
    const session = await tx.sessions.byToken(token, api.now);
    return enterApplication(tx, api.engine, { application, identityId: id, session: session ?? { id, expiresAt: api.now }, details: {} });
  });
const ask = (person: Person, application: string, body: Readonly<Record<string, string>>) =>
  api.app.inject({
    method: 'POST',
    url: `/applications/${application}/request`,
    headers: { cookie: `tenure_session=${person.token}`, 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ token: formToken(person.token), ...body }).toString(),
  });

describe('/applications', () => {
  test('lists what a person may use, with titles escaped, their beginning and last use; and what they may request', async () => {
    const ann = await api.person('Finance');
    const before = await pageOf(ann);
    expect(before).toContain('<a class="title" href="https://wiki.example/?a=1&amp;b=2">Wiki &lt;b&gt;of&lt;/b&gt; all</a>');
    expect(before).toContain('<strong>Shop</strong>');
    expect(before).toContain('never used');
    expect(before).toContain('Mailbox knows people by their e-mail address, and yours is not known.');
    expect(before).not.toContain('Safe');
    expect(before).not.toMatch(/<script|<style|style=|onclick=/);
    await enter(ann, 'wiki');
    expect(await pageOf(ann)).toContain(`last used <time datetime="${api.now}">`);
    const bob = await pageOf(await api.person('Sales'));
    expect(bob).toContain('You cannot use any application with your login at the moment.');
    expect(bob).toContain('value="entitlement wiki.reader" required> Reads the wiki');
    expect(bob).toContain('value="role author" required> Author');
  });

  test('is linked from /me, where access to an application without accounts is ready at once', async () => {
    const { body } = await get('/me', (await api.person('Finance')).token);
    expect(body).toContain('<a href="/applications">Your applications</a>');
    expect(body).toContain('data-without-accounts="tenure wiki shop safe mailbox"');
    expect(body).toContain('All of your access is ready.');
    expect(body).toContain('<td data-label="State"><span class="badge ready">ready</span></td>');
  });

  test('is nobody’s without a session, and nobody keeps it', async () => {
    const { statusCode, headers } = await get('/applications');
    expect({ statusCode, location: headers['location'] }).toEqual({ statusCode: 303, location: '/login?returnTo=/applications' });
    const own = await get('/applications', (await api.person('Sales')).token);
    expect(own.headers['cache-control']).toBe('no-store');
  });

  test('takes a request, which waits for approval, and then lets the person in', async () => {
    const bob = await api.person('Sales');
    const admin = await api.person('Admin');
    const sent = await ask(bob, 'wiki', { access: 'entitlement wiki.reader', justification: 'I write\r\nthe minutes' });
    expect(sent.headers['location']).toBe('/applications?request=sent');
    const page = await pageOf(bob, '?request=sent');
    expect(page).toContain('Your request is stored.');
    expect(page).toContain('<span class="badge waiting">requested</span> Reads the wiki waits for approval.');
    expect((await ask(bob, 'wiki', { access: 'entitlement wiki.reader', justification: 'again' })).headers['location']).toBe('/applications?request=refused');
    const { data } = await api.graphql('{ myApprovals { items { id } } }', { token: admin.token });
    const [{ items }] = (data as unknown as { myApprovals: [{ items: [{ id: string }] }] }).myApprovals;
    const { errors } = await api.graphql(`mutation { decideRequestItem(itemId: "${items[0].id}", approve: true) { id } }`, { token: admin.token });
    expect(errors).toEqual([]);
    expect((await api.graphql('{ me { grants { kind name lastUsedAt } } }', { token: bob.token })).data?.['me']).toMatchObject({
      grants: [{ lastUsedAt: null }],
    });
    expect(await enter(bob, 'wiki')).toMatchObject({ mayEnter: true, by: ['wiki.reader'], claims: { groups: ['readers'] } });
    expect(await pageOf(bob)).toContain('until <time');
  });

  test.each([
    ['of another application', 'shop', 'entitlement wiki.reader', '/applications?request=refused'],
    ['of no application', 'constructor', 'entitlement wiki.reader', '/applications?request=refused'],
    ['that is not offered', 'safe', 'entitlement safe.opener', '/applications?request=refused'],
    ['of a right in Tenure', 'wiki', 'entitlement tenure.admin', '/applications?request=refused'],
    ['of nothing', 'wiki', '', '/applications?request=refused'],
  ])('refuses a request %s', async (_what, application, access, location) => {
    const bob = await api.person('Sales');
    expect((await ask(bob, application, { access, justification: 'mine' })).headers['location']).toBe(location);
    const { data } = await api.graphql('{ myRequests { id } }', { token: bob.token });
    expect(data).toEqual({ myRequests: [] });
  });

  test('refuses a request without a reason, and the form of another page', async () => {
    const bob = await api.person('Sales');
    expect((await ask(bob, 'wiki', { access: 'entitlement wiki.reader', justification: ' ' })).statusCode).toBe(400);
    expect((await ask(bob, 'wiki', { access: 'entitlement wiki.reader', justification: 'mine', token: 'x' })).statusCode).toBe(403);
  });
});

describe('a logo', () => {
  const logo = (application: string) => get(`/applications/${application}/logo`);
  test('is an image that runs nothing, whatever its file has', async () => {
    const { statusCode, headers } = await logo('wiki');
    expect({ statusCode, type: headers['content-type'], sniffing: headers['x-content-type-options'] }).toEqual({
      statusCode: 200,
      type: 'image/svg+xml',
      sniffing: 'nosniff',
    });
    expect(headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'; sandbox; base-uri 'none'; frame-ancestors 'none'");
    expect((await logo('shop')).headers['content-type']).toBe('image/png');
  });
  test.each([
    ['too large', 'safe'],
    ['no image', 'mailbox'],
    ['of no application', 'constructor'],
    ['of a path', '..%2f..%2fetc%2fpasswd'],
  ])('that is %s is not served', async (_what, application) => expect((await logo(application)).statusCode).toBe(404));
});

describe('/login', () => {
  const locationOf = async (query: string, token: string | null = null, cookies = '') => {
    const { statusCode, headers, body } = await get(`/login${query}`, token, cookies);
    expect(headers['cache-control']).toBe('no-store');
    return statusCode === 303 ? headers['location'] : body;
  };

  test('sends a person to the provider of their address, of the application, or of the last login, with what is demanded', async () => {
    expect(await locationOf('?returnTo=/a%3Fb&hint=ada@contoso.example')).toBe('/oidc/partner/login?returnTo=%2Fa%3Fb&hint=ada%40contoso.example');
    expect(await locationOf('?application=wiki&returnTo=/saml/idp&force=true&acr=one+two&passive=true')).toBe(
      '/saml/corp/login?returnTo=%2Fsaml%2Fidp&application=wiki&force=true&acr=one+two&passive=true',
    );
    expect(await locationOf('', null, 'tenure_provider=corp')).toBe('/saml/corp/login?returnTo=%2Fme');
  });

  test('lets a person choose where nothing is known, with the title of the application', async () => {
    const page = await locationOf('?application=shop&returnTo=/x&force=true');
    expect(page).toContain('Log in to go on to Shop');
    expect(page).toContain('<a class="button" href="/oidc/partner/login?returnTo=%2Fx&amp;application=shop&amp;force=true">Contoso &amp; partners</a>');
    expect(page).toContain('<a class="button" href="/saml/corp/login?returnTo=%2Fx&amp;application=shop&amp;force=true">Corporate login</a>');
  });

  test('lets a person choose another one than the last, also with a session', async () => {
    const { token } = await api.person('Sales');
    expect(await locationOf('?choose=true&returnTo=/x', token, 'tenure_provider=corp')).toContain('Choose where you have your account.');
  });

  test.each([
    ['a session goes on at once', '?returnTo=/x', true, '/x'],
    ['a session is not enough where a new authentication is needed', '?returnTo=/x&force=true', true, '/saml/corp/login?returnTo=%2Fx&force=true'],
    ['a session is not enough where a context is demanded', '?returnTo=/x&acr=mfa', true, '/saml/corp/login?returnTo=%2Fx&acr=mfa'],
    ['a page that nobody may be shown is none', '?returnTo=/x&passive=true', false, '/x'],
  ])('%s', async (_what, query, hasSession, location) => {
    const token = hasSession ? (await api.person('Sales')).token : null;
    expect(await locationOf(query, token, hasSession ? 'tenure_provider=corp' : '')).toBe(location);
  });

  test.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/..//evil.example',
    'javascript:alert(1)',
    '/login?returnTo=/login',
    '/login',
    '/%0d%0aset-cookie:a',
  ])('leads to no other place than ours: %s', async (returnTo) => {
    const { token } = await api.person('Sales');
    const location = (await locationOf(`?returnTo=${encodeURIComponent(returnTo)}`, token)) ?? '';
    expect(new URL(location, 'http://localhost:4000').origin).toBe('http://localhost:4000');
    expect(location).not.toMatch(/^\/login|[\r\n]/);
  });

  test('leaves out what came twice, is too long, or is no setting', async () => {
    const long = 'x'.repeat(2000);
    expect(await locationOf(`?returnTo=/x&returnTo=/y&hint=${long}&acr=${long}&force=yes&application=wiki&other=1`)).toBe(
      '/saml/corp/login?returnTo=%2Fme&application=wiki',
    );
    expect(await locationOf('?application=__proto__', null, 'tenure_provider=__proto__')).toContain('Choose where you have your account.');
  });
});

describe('a refused entry', () => {
  const refusal = async (person: Person, application: string): Promise<string> => {
    const entry = await enter(person, application);
    if (entry.mayEnter) throw new Error('may enter');
    return entryRefusalPage(
      { ...api, clock: () => api.now },
      { application, identityId: person.id, reason: entry.reason, reference: 'ref-1', sessionToken: person.token },
    );
  };
  test('says why, in words, and how to request access', async () => {
    const bob = await api.person('Sales');
    const page = await refusal(bob, 'wiki');
    expect(page).toContain('You are logged in, and nothing gives you access to Wiki &lt;b&gt;of&lt;/b&gt; all.');
    expect(page).toContain('<form class="ask" method="post" action="/applications/wiki/request">');
    expect(page).toContain('Reference: <code>ref-1</code>');
    expect(page).not.toMatch(/<script|no-access/);
    expect(await refusal(bob, 'shop')).toContain('You cannot request it here.');
    expect(await refusal(bob, 'mailbox')).toContain('yours is not known here');
  });
  test('says that an address was somebody else’s', async () => {
    const people = [];
    for (const externalId of ['m1', 'm2']) {
      const { identityId } = await api.record({ externalId, facts: { employeeNumber: externalId, email: 'm@contoso.example' } });
      const id = identityId ?? '';
      const act = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now } as const;
      const { token } = await api.store.transaction(act, (tx) => tx.sessions.open(id, 'partner', api.now, later(api.now, 8)));
      people.push({ id, token });
    }
    const [first, second] = people as [Person, Person];
    expect(await enter(first, 'mailbox')).toMatchObject({ mayEnter: true, subject: 'm@contoso.example' });
    expect(await refusal(second, 'mailbox')).toContain('it knew somebody else by yours');
    const token = (await api.person('Admin')).token;
    const query = '{ cases(filter: { kind: APPLICATION_ADDRESS }) { edges { node { id actions { mutation } } } } }';
    const { data } = await api.graphql(query, { token });
    const [{ node }] = (data as unknown as { cases: { edges: [{ node: { id: string; actions: object[] } }] } }).cases.edges;
    expect(node.actions).toContainEqual({ mutation: 'decideApplicationAddress' });
    const decided = await api.graphql(
      `mutation { decideApplicationAddress(caseId: "${node.id}", mayBeSent: true, reason: "the account was handed over") { status resolution } }`,
      { token },
    );
    expect(decided).toMatchObject({ errors: [], data: { decideApplicationAddress: { status: 'CLOSED', resolution: 'APPROVED' } } });
    expect(await enter(second, 'mailbox')).toMatchObject({ mayEnter: true });
  });
});

describe('GraphQL', () => {
  test('counts the use of a role by its entitlements', async () => {
    const cleo = await api.person('Press');
    await enter(cleo, 'wiki');
    const { data } = await api.graphql('{ me { grants { kind name lastUsedAt } timeline(first: 1) { sentence } } }', { token: cleo.token });
    expect(data?.['me']).toMatchObject({
      grants: expect.arrayContaining([
        { kind: 'ROLE', name: 'author', lastUsedAt: api.now },
        { kind: 'ENTITLEMENT', name: 'wiki.editor', lastUsedAt: api.now },
      ]),
      timeline: [{ sentence: 'Entered the application wiki by SAML: wiki.editor let the person in, until 2026-03-01T13:00:00.000Z.' }],
    });
  });

  test('shows applications with who may use them, and warnings about their settings', async () => {
    const token = await api.serviceToken('auditor');
    const { data, errors } = await api.graphql('{ applications { name title protocol owner mayUse { entitlements when } subject warnings } }', { token });
    expect(errors).toEqual([]);
    expect(data?.['applications']).toMatchObject([
      {
        name: 'mailbox',
        subject: 'EMAIL',
        mayUse: { entitlements: null, when: 'true' },
        warnings: [expect.stringContaining('subject: email'), expect.any(String)],
      },
      {
        name: 'safe',
        protocol: 'SAML',
        owner: null,
        mayUse: { entitlements: ['safe.opener'], when: null },
        warnings: [expect.stringContaining('nobody may use it'), expect.any(String)],
      },
      { name: 'shop', protocol: 'OIDC', warnings: [] },
      { name: 'wiki', mayUse: { entitlements: ['wiki.editor', 'wiki.reader'] }, warnings: [] },
    ]);
  });

  test('shows where a person may enter and why, and when each grant was used last', async () => {
    const ann = await api.person('Finance');
    const query = '{ me { grants { name targetTitle lastUsedAt origins { sentence } } applications { application mayEnter by refusal sentence lastUsedAt } } }';
    const before = await api.graphql(query, { token: ann.token });
    expect(before.data?.['me']).toMatchObject({
      grants: [
        {
          name: 'wiki.reader',
          targetTitle: 'Wiki <b>of</b> all',
          lastUsedAt: null,
          origins: [{ sentence: 'Because department is Finance (rule readers), according to Human resources' }],
        },
      ],
    });
    await enter(ann, 'wiki');
    expect((await api.graphql(query, { token: ann.token })).data?.['me']).toMatchObject({
      grants: [{ name: 'wiki.reader', lastUsedAt: api.now }],
      applications: [
        { application: 'mailbox', mayEnter: false, refusal: 'NO_EMAIL' },
        { application: 'safe', mayEnter: false, refusal: 'NO_ACCESS', sentence: 'No grant and no rule lets the person in.' },
        { application: 'shop', mayEnter: true, by: [], sentence: 'The rule of the application lets the person in.' },
        { application: 'wiki', mayEnter: true, by: ['wiki.reader'], sentence: 'Lets the person in: Reads the wiki.', lastUsedAt: api.now },
      ],
    });
  });
});
