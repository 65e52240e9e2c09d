import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import { createEngine, type Engine } from '@tenure/engine/decide';
import { createKeyring } from '@tenure/engine/keys';
import type { Configuration, OidcProviderSettings, SamlProviderSettings, SourceSettings } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createMetrics, type Metrics } from '@tenure/telemetry';
import { seriesValue } from '@tenure/telemetry/testing';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createBrowser } from '@tenure/testing/browser.ts';
import type { Person } from '@tenure/testing/identity-providers/people.ts';
import { type RunningOidcProvider, startOidcProvider } from '@tenure/testing/identity-providers/oidc-provider.ts';
import { type RunningSamlProvider, startSamlProvider } from '@tenure/testing/identity-providers/saml-provider.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import { observeRequests } from '../server/observe-requests.ts';
import { registerLoginRoutes } from './index.ts';
import { followProviders, type Providers } from './providers.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

/** Two API processes over one database, real providers, real signatures. */
let database: TestDatabase;
let engine: Engine;
let saml: RunningSamlProvider;
let oidc: RunningOidcProvider;
let first: Api;
let second: Api;
let people: Person[] = [];
let clock = (): string => new Date().toISOString();

interface Api {
  readonly app: FastifyInstance;
  readonly providers: Providers;
  readonly metrics: Metrics;
  readonly url: string;
}

const carla: Person = {
  name: 'carla',
  subject: 's-carla',
  attributes: { givenName: 'Carla', familyName: 'Diaz', email: 'carla@contoso.example', employeeNumber: 'C-1', department: 'Finance', groups: ['staff'] },
};
const everything = {
  userType: 'contractor',
  mayCreate: true,
  trustedEmailDomains: ['contoso.example'],
  correlate: [{ attribute: 'employeeNumber' }],
  absentGroups: 'keep',
  absentAttributes: 'keep',
} as const;

async function startApi(configuration: Configuration, url?: string): Promise<Api> {
  const app = Fastify();
  const metrics = createMetrics({ providers: Object.keys(configuration.identityProviders), targets: [] });
  observeRequests(app, { metrics });
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  const logger = pino({ level: 'silent' });
  const keyring = createKeyring({ store: database.store, clock: () => clock() });
  const providers = followProviders(engine, logger, keyring);
  registerLoginRoutes(app, {
    store: database.store,
    engine,
    providers,
    keyring,
    clock: () => clock(),
    logger,
    metrics,
    sessionCookie: 'tenure_session',
    rateLimit: 1000,
    subjectRateLimit: 1000,
  });
  app.get('/me', () => 'welcome');
  const listening = await app.listen({ port: url ? 0 : Number(new URL(configuration.url).port), host: '127.0.0.1' });
  return { app, providers, metrics, url: listening };
}

beforeAll(async () => {
  database = await createTestDatabase();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  saml = await startSamlProvider({
    port: 0,
    people: () => people,
    serviceProvider: { entityId: `${url}/saml/contoso/metadata`, acsUrl: `${url}/saml/contoso/acs` },
  });
  oidc = await startOidcProvider({ port: 0, people: () => people, redirectUri: `${url}/oidc/fabrikam/callback` });
  const samlSettings: SamlProviderSettings = {
    ...everything,
    name: 'contoso',
    title: 'Contoso',
    protocol: 'saml',
    metadata: saml.metadataUrl,
    allowIdpInitiated: false,
    signed: 'assertion',
    decryptionKey: null,
    clockSkew: 30_000,
    emailVerified: 'true',
    groups: 'claims.groups',
    attributes: { givenName: 'claims.givenName[0]', email: 'claims.email[0]', employeeNumber: 'claims.employeeNumber[0]', department: 'claims.department[0]' },
  };
  const oidcSettings: OidcProviderSettings = {
    ...everything,
    name: 'fabrikam',
    title: 'Fabrikam',
    protocol: 'oidc',
    issuer: oidc.issuer,
    clientId: oidc.clientId,
    clientSecret: oidc.clientSecret,
    scopes: ['openid', 'profile', 'email'],
    userInfo: 'when-needed',
    mayCreate: false,
    mayLink: ['privileged'],
    emailVerified: 'claims.email_verified == true',
    groups: null,
    attributes: { givenName: 'claims.given_name', email: 'claims.email', employeeNumber: 'claims.employee_number' },
  };
  const hr: SourceSettings = {
    name: 'hr',
    title: 'HR',
    authoritative: true,
    mayCreate: true,
    userType: 'employee',
    trustedEmailDomains: [],
    correlate: [{ attribute: 'employeeNumber' }],
  };
  const string = { type: 'string' } as const;
  const attributes = { givenName: string, familyName: string, email: string, employeeNumber: string, department: string };
  const policy = {
    attributes,
    roles: {},
    groups: [{ source: 'contoso', group: 'staff', roles: [], entitlements: ['tenure.operator'] }],
    lifecycle: [],
    separation: [],
    entitlements: {
      'tenure.operator': { name: 'tenure.operator', title: 'Operator', target: 'tenure', value: 'operator' },
      'tenure.auditor': { name: 'tenure.auditor', title: 'Auditor', target: 'tenure', value: 'auditor' },
    },
    birthright: [{ name: 'finance', when: 'identity.department == "Finance"', roles: [], entitlements: ['tenure.auditor'] }],
  };
  const configuration: Configuration = {
    directory: '/',
    url,
    timeZone: 'UTC',
    attributes,
    precedence: { default: ['hr', 'contoso', 'fabrikam'], attributes: {} },
    sources: { hr },
    identityProviders: { contoso: samlSettings, fabrikam: oidcSettings, eager: { ...samlSettings, name: 'eager', allowIdpInitiated: true } },
    targets: {},
    applications: {},
    policy,
    applyPolicy: 'at-start',
    mail: null,
    webhooks: {},
    session: { lifetime: 3_600_000, idle: 3_600_000 },
  };
  engine = createEngine({ configuration });
  await database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'start', now: clock() }, (tx) => publishPolicy(tx, engine));
  first = await startApi(configuration);
  second = await startApi(configuration, 'another port');
});
afterAll(async () => {
  for (const api of [first, second]) {
    api?.providers.stop();
    await api?.app.close();
  }
  await Promise.all([saml?.stop(), oidc?.stop()]);
  await database.drop();
});
beforeEach(() => {
  people = [carla];
  clock = () => new Date().toISOString();
});

const samlLogin = (browser = createBrowser(), as = 'carla') => browser.logIn(`${first.url}/saml/contoso/login?returnTo=/me`, as);
const identityOf = async (subject: string) => {
  const [row] = (await database.execute('select identity_id from login_subject where subject = ?', [subject])) as { identity_id: string }[];
  return row ? database.store.read((tx) => tx.identities.get(row.identity_id)) : null;
};
const lastRefusal = async () => (await database.store.read((tx) => tx.audit.page({ action: 'login.refused' }, 1, null)))[0];
/** Goes through the provider up to its answer, and hands that over instead of sending it. */
async function answerFor(loginUrl: string, as = 'carla'): Promise<{ form: URLSearchParams; cookies: string }> {
  const begun = await fetch(loginUrl, { redirect: 'manual' });
  const cookies = begun.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const page = await (await fetch(`${begun.headers.get('location')}&as=${as}`)).text();
  const field = (name: string): string => new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(page)?.[1] ?? '';
  return { form: new URLSearchParams({ SAMLResponse: field('SAMLResponse'), RelayState: field('RelayState') }), cookies };
}
const post = (form: URLSearchParams, cookies: string, to = first.url, provider = 'contoso') =>
  fetch(`${to}/saml/${provider}/acs`, { method: 'POST', body: form, redirect: 'manual', headers: { cookie: cookies } });

describe('SAML 2.0 profiles 4.1: web browser single sign-on', () => {
  it('creates an unknown person in the login itself, already holding what policy gives, and tells Temporal through the outbox', async () => {
    const browser = createBrowser();
    const page = await samlLogin(browser);
    expect({ status: page.status, url: page.url, body: page.body }).toEqual({ status: 200, url: `${first.url}/me`, body: 'welcome' });
    const identity = await identityOf('s-carla');
    expect(identity).toMatchObject({ userName: 'carla', userType: 'contractor', state: 'active', policyVersion: 1 });
    const grants = await database.store.read((tx) => tx.access.currentGrants([identity?.id ?? '']));
    expect(grants.map(({ name, origins }) => [name, origins[0]?.kind, origins[0]?.name])).toEqual([
      ['tenure.auditor', 'rule', 'finance'],
      ['tenure.operator', 'assertion', 'contoso/staff'],
    ]);
    const token = browser.cookie(first.url, 'tenure_session') ?? '';
    expect(await database.store.read((tx) => tx.sessions.byToken(token, clock()))).toMatchObject({ identityId: identity?.id });
  });

  it('finds the same person again by issuer and subject, and moves what they hold', async () => {
    people = [{ ...carla, attributes: { ...carla.attributes, department: 'Sales', email: 'other@contoso.example', groups: [] } }];
    const before = await identityOf('s-carla');
    await samlLogin();
    const after = await identityOf('s-carla');
    expect(after?.id).toBe(before?.id);
    expect(await database.store.read((tx) => tx.access.currentGrants([after?.id ?? '']))).toEqual([]);
  });

  it('keeps what a group gave when the provider says nothing of groups', async () => {
    await samlLogin();
    const { groups: _groups, ...silent } = carla.attributes;
    people = [{ ...carla, attributes: silent }];
    await samlLogin();
    const grants = await database.store.read(async (tx) => tx.access.currentGrants([(await identityOf('s-carla'))?.id ?? '']));
    expect(grants.map(({ name }) => name)).toContain('tenure.operator');
  });

  it('takes a response once, also at the other API process', async () => {
    const { form, cookies } = await answerFor(`${first.url}/saml/contoso/login`);
    const answers = await Promise.all([post(form, cookies), post(form, cookies, second.url), post(form, cookies)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 403, 403]);
    expect(['request-unknown', 'assertion-replayed']).toContain((await lastRefusal())?.reason['reason']);
    // A reload or the back button: the person is told that they may be logged in all the same, and where to go on.
    const again = await (await post(form, cookies)).text();
    expect(again).toContain('This step of a login was done before, or has waited for too long.');
    expect(again).toContain('<a href="/applications">Your applications</a>');
    expect(answers.map(({ headers }) => headers.getSetCookie().some((cookie) => cookie.startsWith('tenure_provider=contoso;'))).filter(Boolean)).toHaveLength(
      1,
    );
  });

  it('refuses a response in a browser that has not asked for it', async () => {
    const { form } = await answerFor(`${first.url}/saml/contoso/login`);
    const { cookies } = await answerFor(`${first.url}/saml/contoso/login`);
    expect((await post(form, cookies)).status).toBe(403);
    expect((await lastRefusal())?.reason).toMatchObject({ provider: 'contoso', reason: 'request-of-another-browser' });
    expect((await post(form, '')).status).toBe(403);
  });

  it('refuses a login that the provider begins, unless its configuration allows that', async () => {
    const page = await createBrowser().open(`${saml.startUrl}?as=carla`);
    expect(page.status).toBe(403);
    expect((await lastRefusal())?.reason).toMatchObject({ reason: 'idp-initiated' });
  });

  it('goes only to a path of its own afterwards', async () => {
    for (const evil of ['https://evil.example/', '//evil.example', '/\\evil.example', '/%0d%0aSet-Cookie:x=y', 'javascript:alert(1)', '/\t/evil.example']) {
      const { form, cookies } = await answerFor(`${first.url}/saml/contoso/login?returnTo=${encodeURIComponent(evil)}`);
      form.set('RelayState', evil);
      const location = (await post(form, cookies)).headers.get('location') ?? '';
      expect(new URL(location, first.url).origin).toBe(first.url);
    }
  });

  it('tells the person a reference, and the audit the reason under it', async () => {
    const { form, cookies } = await answerFor(`${first.url}/saml/contoso/login`);
    const tampered = Buffer.from(
      Buffer.from(form.get('SAMLResponse') ?? '', 'base64')
        .toString('utf8')
        .replace('Finance', 'Finanze'),
    ).toString('base64');
    form.set('SAMLResponse', tampered);
    const answer = await post(form, cookies);
    const body = await answer.text();
    const refusal = await lastRefusal();
    expect(answer.status).toBe(403);
    expect(body).toContain(refusal?.subjectId);
    expect(refusal?.reason['reason']).toMatch(/^signature/);
    expect(body).not.toMatch(/signature/i);
  });

  it('follows a provider to its new key', async () => {
    saml.rotateKey();
    expect((await samlLogin()).status).toBe(403); // strangers must not make us busy: one look a minute
    clock = () => new Date(Date.now() + 61_000).toISOString();
    expect((await samlLogin()).status).toBe(200);
  });

  it('refuses a person whose life has ended, whatever the provider says', async () => {
    const identity = await identityOf('s-carla');
    await database.store.transaction({ actor: { kind: 'source', id: 'hr' }, correlationId: 'end', now: clock() }, (tx) =>
      takeRecord(tx, engine, { source: 'hr', externalId: 'C-1', version: '1', facts: { employeeNumber: 'C-1' }, status: 'ended', endedAt: null }),
    );
    expect(await identityOf('s-carla')).toMatchObject({ id: identity?.id, state: 'left' });
    const browser = createBrowser();
    expect((await samlLogin(browser)).status).toBe(403);
    expect(browser.cookie(first.url, 'tenure_session')).toBeNull();
    expect((await lastRefusal())?.reason).toMatchObject({ reason: 'life-ended' });
  });
});

describe('OpenID Connect core 3.1: authorization code flow', () => {
  const olga: Person = {
    name: 'olga',
    subject: 's-olga',
    attributes: { given_name: 'Olga', family_name: 'Ivanova', email: 'olga@contoso.example', email_verified: true, employee_number: 'E-5' },
  };

  it('refuses somebody unknown where the provider may not create people', async () => {
    people = [olga];
    expect((await createBrowser().logIn(`${first.url}/oidc/fabrikam/login`, 'olga')).status).toBe(403);
    expect((await lastRefusal())?.reason).toMatchObject({ reason: 'may-not-create' });
  });

  it('finds and binds the person that HR has hired before', async () => {
    people = [olga];
    const hired = await database.store.transaction({ actor: { kind: 'source', id: 'hr' }, correlationId: 'hire', now: clock() }, (tx) =>
      takeRecord(tx, engine, {
        source: 'hr',
        externalId: 'E-5',
        version: '1',
        facts: { employeeNumber: 'E-5', department: 'Finance' },
        status: 'active',
        endedAt: null,
      }),
    );
    const page = await createBrowser().logIn(`${first.url}/oidc/fabrikam/login`, 'olga');
    expect(page.status).toBe(200);
    expect((await identityOf('s-olga'))?.id).toBe(hired.identityId);
    const bound = await database.store.read((tx) => tx.audit.page({ action: 'login.bound', identityId: hired.identityId ?? '' }, 1, null));
    expect(bound[0]?.reason).toEqual({ provider: 'fabrikam', by: 'employeeNumber' });
  });

  it('refuses another subject of the same provider that claims the same number', async () => {
    people = [{ ...olga, name: 'mallory', subject: 's-mallory' }];
    expect((await createBrowser().logIn(`${first.url}/oidc/fabrikam/login`, 'mallory')).status).toBe(403);
    expect((await lastRefusal())?.reason).toMatchObject({ reason: 'another-subject' });
    expect(await identityOf('s-mallory')).toBeNull();
  });

  it('takes a callback once, and only in the browser that began it', async () => {
    people = [olga];
    const browser = createBrowser();
    const page = await browser.logIn(`${first.url}/oidc/fabrikam/login`, 'olga');
    expect(page.status).toBe(200);
    const stolen = await fetch(`${first.url}/oidc/fabrikam/callback?code=x&state=y`, { redirect: 'manual' });
    expect(stolen.status).toBe(403);
    expect((await lastRefusal())?.reason).toMatchObject({ reason: 'request-of-another-browser' });
  });
});

test('logins are counted and timed by provider and outcome, refusals by reason, and nothing that a caller made up', async () => {
  people = [{ ...carla, name: 'dora', subject: 's-dora', attributes: { ...carla.attributes, email: 'dora@contoso.example', employeeNumber: 'C-9' } }];
  const counts = async (): Promise<readonly number[]> => {
    const { body } = await first.metrics.exposed();
    return [
      'tenure_login_duration_seconds_count{provider="contoso",outcome="accepted"}',
      'tenure_login_duration_seconds_count{provider="unknown",outcome="refused"}',
      'tenure_login_refusals_total{provider="contoso",reason="request-of-another-browser"}',
    ].map((series) => seriesValue(body, series) ?? 0);
  };
  const expected = (await counts()).map((count) => count + 1);
  await samlLogin(createBrowser(), 'dora');
  const { form } = await answerFor(`${first.url}/saml/contoso/login`, 'dora');
  await post(form, '');
  await post(form, '', first.url, 'made-up-by-a-caller');
  // A request is counted once its answer has been sent, which the caller may receive first.
  const end = Date.now() + 60_000;
  while (String(await counts()) !== String(expected) && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
  expect(await counts()).toEqual(expected);
  const { body } = await first.metrics.exposed();
  expect(body).toContain('tenure_http_request_duration_seconds_count{route="/saml/:provider/acs",method="POST",status="4xx"}');
  expect(body).not.toMatch(/made-up-by-a-caller|dora/);
});
