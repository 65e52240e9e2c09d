import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { type Browser, createBrowser, type Page } from '@tenure/testing/browser.ts';
import { type RunningSamlProvider, startSamlProvider } from '@tenure/testing/identity-providers/saml-provider.ts';
import type { Person } from '@tenure/testing/identity-providers/people.ts';
import { readBody, type RunningServer, startServer } from '@tenure/testing/identity-providers/start-server.ts';
import { startScimServer } from '@tenure/testing/targets/scim-server.ts';
import type { RunningTarget } from '@tenure/testing/targets/target-state.ts';
import { startTestMailServer, type TestMailServer } from '@tenure/mail/testing';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { choosePort } from '../../../../tools/embedded/ports.ts';
import { openInstallation } from '../../../../tools/tenure/open-installation.ts';
import { type RunningTenure, startTenure } from '../../../../tools/tenure/start-tenure.ts';
import { eventually, ownNamespace } from '../../../worker/test/installation.ts';
import { type HostileOp, startHostileOp } from './hostile-op.ts';
import { asText, findPlanted, personal, secret } from './planted.ts';

/**
 * One run of the real processes with unmistakable personal values and secrets everywhere: hire, login by both protocols, move, failing targets,
 * conflict, requests, mails and links, break-glass access, delegation, comments, suspensions, end, refused logins, errors. Afterwards they are
 * searched for in every place that operators of Tenure look at.
 */
const capital = personal[0]?.toUpperCase() + personal.slice(1);
const secrets = {
  OP_SECRET: `${secret}-client`,
  CRM_TOKEN: `${secret}-crm`,
  MIRROR_TOKEN: `${secret}-mirror`,
  LDAP_PASSWORD: `${secret}-bind`,
  SMTP_PASSWORD: `${secret}-smtp`,
  HOOK_SECRET: Buffer.from(`${secret}-hook-of-thirty-two-bytes`).toString('base64'),
};
const role = `planted_${randomBytes(4).toString('hex')}`;
const seen = { log: [] as string[], refusals: [] as string[], spans: [] as string[], exact: [] as string[], hooks: [] as string[] };

let database: TestDatabase;
let ledger: TestDatabase;
let home: string;
let tenure: RunningTenure;
let op: HostileOp;
let saml: RunningSamlProvider;
let crm: RunningTarget;
let mirror: RunningServer;
let collector: RunningServer;
let post: TestMailServer;
let hook: RunningServer;
let people: Person[] = [];
let humanResources: string;
let operator: string;
let client: Client;
let connection: Connection;

const tenureYaml = () => `
url: \${env:TENURE_URL}
timeZone: Europe/Berlin
attributes:
  givenName: { type: string }
  familyName: { type: string }
  displayName: { type: string }
  email: { type: string }
  employeeNumber: { type: string }
  department: { type: string }
  endDate: { type: instant }
  manager: { type: string }
precedence: { default: [hr, idp, op] }
mail: { url: "${post.url}", password: "\${env:SMTP_PASSWORD}", from: tenure@example.com, decideByLink: link-alone }
webhooks: { siem: { url: "${hook.url}/hook", secret: "\${env:HOOK_SECRET}" } }
sources: { hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
identityProviders:
  idp:
    title: SAML
    protocol: saml
    metadata: ${saml.metadataUrl}
    userType: contractor
    mayCreate: true
    attributes: { givenName: "claims.givenName[0]", familyName: "claims.familyName[0]", displayName: "claims.displayName[0]", email: "claims.email[0]", endDate: "claims.until[0]" }
    groups: claims.groups
    correlate: [{ attribute: employeeNumber }]
    mayLink: [privileged, bound]
  op:
    title: OpenID
    protocol: oidc
    issuer: ${op.issuer}
    clientId: tenure
    clientSecret: \${env:OP_SECRET}
    mayCreate: false
    userType: employee
    attributes: { employeeNumber: claims.number, email: claims.email, endDate: claims.until }
    correlate: [{ attribute: employeeNumber }]
    mayLink: [privileged, bound]
targets:
  crm: { title: CRM, kind: scim, url: "${crm.url}", token: "\${env:CRM_TOKEN}", confirmWithin: PT1S, attributes: { displayName: identity.displayName, emails: identity.email } }
  mirror: { title: Mirror, kind: scim, mode: enforce, url: "${mirror.url}/scim", token: "\${env:MIRROR_TOKEN}", confirmWithin: PT1S, attributes: { displayName: identity.displayName, emails: identity.email } }
  directory:
    title: Directory
    kind: ldap
    url: ldap://127.0.0.1:1
    tls: none
    bindDn: cn=${personal},dc=example
    password: \${env:LDAP_PASSWORD}
    timeout: PT20S
    confirmWithin: PT1S
    people: ou=people,dc=example
    groups: "ou=groups,dc=example"
    disable: { attribute: employeeType, enabled: active, disabled: disabled }
    attributes: { cn: identity.displayName, sn: identity.familyName }
  ledger:
    title: Ledger
    kind: sql
    url: \${env:LEDGER_URL}
    tls: none
    timeout: PT20S
    confirmWithin: PT1S
    statements:
      list: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id > COALESCE(:page, '0')::bigint ORDER BY id LIMIT :limit"
      find: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE login = :userName"
      read: "SELECT id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name FROM accounts WHERE id = :nativeId::bigint"
      create: "INSERT INTO accounts (login, external_id, active, full_name) VALUES (:userName, :externalId, :enabled, :full_name) RETURNING id::text AS native_id"
      update: "UPDATE accounts SET external_id = :externalId, full_name = :full_name WHERE id = :nativeId::bigint"
      enable: "UPDATE accounts SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE accounts SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM accounts WHERE id = :nativeId::bigint"
      memberships: "SELECT role AS entitlement FROM account_roles WHERE account_id = :nativeId::bigint ORDER BY role"
      addMember: "INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName }
`;

const accessYaml = `
entitlements:
  crm.finance: { title: Finance, target: crm, value: Finance }
  crm.sales: { title: Sales, target: crm, value: Sales }
  mirror.user: { title: Mirror, target: mirror, value: users }
  directory.user: { title: Directory, target: directory, value: users }
  ledger.clerk: { title: Clerk, target: ledger, value: clerk }
  tenure.auditor: { title: Audits Tenure, target: tenure, value: auditor }
  tenure.operator: { title: Operates Tenure, target: tenure, value: operator }
birthright:
  - { name: everybody, when: "true", entitlements: [ledger.clerk] }
  - { name: finance, when: 'identity.department == "Finance"', entitlements: [crm.finance] }
  - { name: sales, when: 'identity.department == "Sales"', entitlements: [crm.sales, mirror.user, directory.user] }
lifecycle:
  - { name: all, end: { grace: P30D, then: delete } }
relations: { manager: { attribute: manager, by: employeeNumber } }
requestable: [{ name: auditing, entitlements: [tenure.auditor], maximumDuration: P30D, stages: [{ name: manager, approvers: [manager], deadline: P3D }] }]
breakGlass: [{ name: night, when: "true", entitlements: [tenure.operator], maximumDuration: PT1H, reviewers: [manager], reviewWithin: P1D }]
`;

/**
 * Tables with facts about people, values written to targets, and texts that people have written, tenure.yaml among them. Nothing personal belongs
 * into any other.
 */
const mayHold = [
  'access_request',
  'account',
  'batch_item',
  'case_comment',
  'delegation',
  'hold',
  'identity',
  'import_seen',
  'login_subject',
  'operation',
  'policy_version', // a bindDn of tenure.yaml names a person
  'request_answer',
  'session', // the person's name at the provider, by which a logout there finds it; deleted a week after its end
  'source_record',
];

const ledgerSchema = `
create table accounts (id bigserial primary key, login text unique not null, external_id text, active boolean not null, full_name text);
create table account_roles (account_id bigint not null references accounts on delete cascade, role text not null, primary key (account_id, role));
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'account of % is not wanted', new.full_name using detail = new.login, errcode = 'integrity_constraint_violation'; end $$;
create trigger refused before insert on accounts for each row when (new.full_name like '%Refused%') execute function refuse();
`;

/** A target that repeats the request, credentials too, in each of its refusals. */
async function answerAsMirror(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const said = `${request.url} ${request.headers.authorization} ${await readBody(request)} ${personal} ${secret}`;
  const send = (status: number, body: object | string) =>
    void response
      .writeHead(status, { 'content-type': typeof body === 'string' ? 'text/html' : 'application/scim+json' })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  if (request.method === 'GET' && request.url?.includes('/Users'))
    return send(200, { schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 0, Resources: [] });
  if (request.method === 'POST') return send(400, { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400', scimType: said, detail: said });
  return send(503, `<p>${said}</p>`);
}

beforeAll(async () => {
  [database, ledger] = [await createTestDatabase(), await createTestDatabase()];
  await ledger.execute(ledgerSchema);
  await database.execute(`create role ${role} login superuser password '${secret}-database'`);
  // A database that refuses a row quotes the whole row.
  await database.execute(`alter table source_record add constraint refused check (coalesce(facts->>'familyName', '') not like '%Broken%')`);
  const withRole = (url: string): string => Object.assign(new URL(url), { username: role, password: `${secret}-database` }).href;
  op = await startHostileOp();
  saml = await startSamlProvider({ port: 0, people: () => people });
  crm = await startScimServer({ port: 0, token: secrets.CRM_TOKEN });
  mirror = await startServer((request, response) => void answerAsMirror(request, response).catch(() => response.destroy()), 0);
  post = await startTestMailServer({ auth: { user: 'tenure', password: secrets.SMTP_PASSWORD } });
  hook = await startServer((request, response) => {
    void readBody(request).then((body) => {
      seen.hooks.push(asText([request.url, Object.entries(request.headers), body]));
      response.writeHead(204).end();
    });
  }, 0);
  collector = await startServer((request, response) => {
    void readBody(request).then((body) => {
      seen.spans.push(body);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }, 0);
  home = await mkdtemp(join(tmpdir(), 'tenure-planted-'));
  await mkdir(join(home, 'configuration', 'policy'), { recursive: true });
  await writeFile(join(home, 'configuration', 'tenure.yaml'), tenureYaml());
  await writeFile(join(home, 'configuration', 'policy', 'access.yaml'), accessYaml);
  const address = process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '';
  const namespace = await ownNamespace(address);
  tenure = await startTenure({
    home,
    configuration: join(home, 'configuration'),
    port: await choosePort({ purpose: 'the API' }),
    environment: {
      PATH: process.env['PATH'],
      ...secrets,
      DATABASE_URL: withRole(database.url),
      LEDGER_URL: withRole(ledger.url),
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      API_METRICS_PORT: '0',
      METRICS_PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    },
    announce: (line) => void seen.log.push(line),
    onLog: (line) => void seen.log.push(line),
  });
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  const installation = await openInstallation(tenure.environment, 'planted');
  const token = (...roles: string[]) =>
    installation.store.transaction(
      installation.context,
      async (tx) =>
        (await tx.sessions.createServiceToken({ name: roles.join(), roles, createdBy: 'test', expiresAt: '2099-01-01T00:00:00.000Z' }, tx.context.now)).token,
    );
  [humanResources, operator] = [await token('source:hr'), await token('operator', 'auditor')];
  await installation.close();
  seen.exact.push(humanResources, operator, tenure.environment['TENURE_MASTER_KEY'] ?? '', tenure.environment['TENURE_AUDIT_KEY'] ?? '');
});
afterAll(async () => {
  await tenure?.stop();
  await connection?.close();
  await Promise.all([op?.stop(), saml?.stop(), crm?.stop(), mirror?.stop(), collector?.stop(), hook?.stop(), post?.close()]);
  await ledger?.drop();
  await database?.execute(`drop role if exists ${role}`);
  await database?.drop();
  if (home) await rm(home, { recursive: true, force: true });
});

interface Said {
  readonly data: Record<string, never> | null;
  readonly errors: readonly unknown[];
}

async function ask(token: string, query: string, variables: object = {}): Promise<Said> {
  const response = await fetch(`${tenure.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data = null, errors = [] } = (await response.json()) as Partial<Said>;
  if (errors.length > 0) seen.refusals.push(asText({ errors, headers: [...response.headers] }));
  return { data, errors };
}

let version = 0;
async function record(externalId: string, attributes: object, status: 'ACTIVE' | 'ENDED' = 'ACTIVE'): Promise<{ outcome: string; identityId: string }> {
  version += 1;
  const mutation =
    'mutation ($id: String!, $v: String!, $s: RecordStatus, $a: JSON!) { recordFacts(input: { source: "hr", records: [{ externalId: $id, version: $v, status: $s, attributes: $a }] }) { results { outcome identityId message } } }';
  const { data } = await ask(humanResources, mutation, { id: externalId, v: String(version), s: status, a: attributes });
  const [result] = (data as unknown as { recordFacts: { results: { outcome: string; identityId: string; message: string }[] } }).recordFacts.results;
  seen.refusals.push(result?.message ?? '');
  return result ?? { outcome: 'none', identityId: '' };
}

const anna = {
  givenName: `${capital}anna`,
  familyName: `${capital}miller`,
  displayName: `Anna ${capital}`,
  email: `anna.${personal}@corp.example`,
  employeeNumber: `${personal}-7`,
};

/** Adds an error page to the searched texts. */
function keep(page: Page): Page {
  if (page.status >= 400) seen.refusals.push(asText({ body: page.body, headers: [...page.headers] }));
  return page;
}

function keepSession(browser: Browser): string {
  const token = browser.cookie(tenure.url, 'tenure_session') ?? '';
  if (token !== '') seen.exact.push(token);
  return token;
}

const openOperations = async (identityId: string, target: string): Promise<readonly Record<string, unknown>[]> =>
  database.execute("select kind, status, attempts, last_error from operation where identity_id = ? and target = ? and status in ('pending', 'failed')", [
    identityId,
    target,
  ]);

describe('a run with planted values', () => {
  let id: string;
  const [first, second] = [createBrowser(), createBrowser()];

  test('hire: accounts are made', async () => {
    const hired = await record(`${personal}-hr-1`, { ...anna, department: 'Finance' });
    expect(hired.outcome).toBe('CREATED');
    id = hired.identityId;
    const [person] = await database.execute('select user_name from identity where id = ?', [id]);
    expect(String(person?.['user_name'])).toContain(personal);
    await eventually(async () => (await crm.look(String(person?.['user_name']))).groups.includes('Finance'));
  });

  test('logins by both protocols', async () => {
    op.person = { sub: `${personal}-subject`, number: anna.employeeNumber, email: anna.email, phone: `+49 ${personal}` };
    expect(keep(await first.open(`${tenure.url}/oidc/op/login`)).body).toContain('Hello,');
    expect(keepSession(first)).toMatch(/^ts_/);
    people = [
      {
        name: 'carla',
        subject: `${personal}-carla`,
        attributes: {
          givenName: ['Carla'],
          familyName: [`${capital}diaz`],
          displayName: [`Carla ${capital}`],
          email: [`carla.${personal}@partner.example`],
          groups: [`${personal}-staff`],
        },
      },
      { name: 'odd', subject: `${personal}-odd`, attributes: { displayName: [capital], until: [`${personal}-no-date`] } },
      { name: 'broken', subject: `${personal}-broken`, attributes: { familyName: [`${capital} Broken`] } },
    ];
    expect(keep(await second.logIn(`${tenure.url}/saml/idp/login`, 'carla')).body).toContain('Hello,');
    expect(keepSession(second)).toMatch(/^ts_/);
  });

  test('a wave begins: many people at once, into the same targets', async () => {
    const records = Array.from({ length: 12 }, (_, index) => {
      const email = `wave${index}.${personal}@corp.example`;
      return {
        externalId: `${personal}-wave-${index}`,
        version: '1',
        attributes: { ...anna, email, employeeNumber: `${personal}-wave-${index}`, department: 'Sales' },
      };
    });
    const mutation = 'mutation ($r: [RecordInput!]!) { recordFacts(input: { source: "hr", records: $r }) { problems } }';
    expect((await ask(humanResources, mutation, { r: records })).data).toMatchObject({ recordFacts: { problems: 0 } });
  });

  test('move: into targets that refuse, that are down, and whose refusals quote all that they were told', async () => {
    await record(`${personal}-hr-1`, { ...anna, department: 'Sales' });
    await eventually(async () => (await openOperations(id, 'mirror')).some(({ status }) => status === 'failed'));
    await eventually(async () => (await openOperations(id, 'directory')).some(({ attempts }) => Number(attempts) > 0));
    const refused = await record(`${personal}-hr-2`, {
      ...anna,
      givenName: `${capital}otto`,
      employeeNumber: `${personal}-8`,
      displayName: `${capital} Refused`,
    });
    await eventually(async () => (await openOperations(refused.identityId, 'ledger')).some(({ status }) => status === 'failed'));
  });

  test('an import that is not finished', async () => {
    const { data } = await ask(humanResources, 'mutation { startImport(source: "hr") { id } }');
    const { id: importId } = (data as unknown as { startImport: { id: string } }).startImport;
    const mutation = 'mutation ($i: RecordFactsInput!) { recordFacts(input: $i) { results { outcome } } }';
    const records = [{ externalId: `${personal}-import`, version: '1', attributes: { ...anna, employeeNumber: `${personal}-import` } }];
    expect(asText((await ask(humanResources, mutation, { i: { source: 'hr', importId, records } })).data)).toContain('STAGED');
  });

  test('conflict: the name is taken in the target', async () => {
    const familyName = `${capital}konflikt`;
    const taken = `uli.${familyName.toLowerCase()}`;
    await ledger.execute('insert into accounts (login, external_id, active, full_name) values (?, ?, true, ?)', [taken, `${personal}-other`, capital]);
    const hired = await record(`${personal}-hr-3`, {
      ...anna,
      givenName: 'Uli',
      familyName,
      email: `${taken}@corp.example`,
      employeeNumber: `${personal}-9`,
    });
    await eventually(async () => (await openOperations(hired.identityId, 'ledger')).some((one) => asText(one).includes('ACCOUNT_CONFLICT')));
  });

  test('a request that is decided by the link of a mail, an emergency, a delegation, comments, holds and a termination', async () => {
    const max = { ...anna, givenName: 'Max', displayName: `Max ${capital}`, email: `max.${personal}@corp.example`, employeeNumber: `${personal}-max` };
    const bea = { ...anna, givenName: 'Bea', displayName: `Bea ${capital}`, email: `bea.${personal}@corp.example`, employeeNumber: `${personal}-bea` };
    const { identityId: maxId } = await record(`${personal}-hr-max`, max);
    const { identityId: beaId } = await record(`${personal}-hr-bea`, { ...bea, manager: max.employeeNumber });
    const browser = createBrowser();
    op.person = { sub: `${personal}-bea`, number: bea.employeeNumber };
    expect(keep(await browser.open(`${tenure.url}/oidc/op/login`)).body).toContain('Hello,');
    const own = keepSession(browser);
    const good = async (token: string, query: string, variables: object): Promise<Record<string, never>> => {
      const { data, errors } = await ask(token, query, variables);
      expect(errors).toEqual([]);
      return data ?? {};
    };
    const why = `${capital} has to look at ${personal}`;
    await good(
      own,
      'mutation ($why: String!) { requestAccess(input: { justification: $why, items: [{ kind: ENTITLEMENT, name: "tenure.auditor" }] }) { id } }',
      { why },
    );
    const link = await eventually(async () => /https?:\S+\/decide\/(td_[\w-]{43})/.exec(post.mails.map(({ text }) => text).join())?.[1]);
    seen.exact.push(link);
    const page = await (await fetch(`${tenure.url}/decide/${link}`)).text();
    expect(page).toContain(why);
    const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const answer = () => fetch(`${tenure.url}/decide/${link}`, { method: 'POST', body: new URLSearchParams({ token, decision: 'approve', comment: why }) });
    expect((await answer()).status).toBe(200);
    seen.refusals.push(await (await answer()).text());
    seen.refusals.push(await (await fetch(`${tenure.url}/decide/td_${'A'.repeat(43)}`)).text());
    await good(own, 'mutation ($why: String!) { breakGlass(input: { kind: ENTITLEMENT, name: "tenure.operator", justification: $why }) { id } }', { why });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await good(own, 'mutation ($why: String!, $to: ID!, $until: Instant!) { delegate(to: $to, until: $until, reason: $why) { id } }', {
      why,
      to: maxId,
      until,
    });
    await good(
      operator,
      'mutation ($id: ID!, $why: String!, $until: Instant!) { suspendProvisioning(input: { identityId: $id, until: $until, reason: $why }) { id } }',
      {
        id: beaId,
        why,
        until,
      },
    );
    const [review] = await database.execute("select id from case_file where kind = 'break-glass-review'");
    await good(operator, 'mutation ($id: ID!, $why: String!) { commentCase(id: $id, text: $why) { id } }', { id: review?.['id'], why });
    await good(operator, 'mutation ($id: ID!, $why: String!) { terminateNow(identityIds: [$id], reason: $why) { outcome } }', { id: beaId, why });
    // The recipients: the manager by mail, the webhook by ids.
    await eventually(async () => ['emergency-access', 'person-ended'].every((kind) => seen.hooks.join().includes(`"${kind}"`)));
    await eventually(async () => post.mails.length >= 3);
  });

  test('refused logins', async () => {
    const browser = createBrowser();
    const at = (path: string) => `${tenure.url}${path}`;
    op.person = { sub: `${personal}-stranger`, email: anna.email };
    expect(keep(await browser.open(at('/oidc/op/login'))).status).toBe(403);
    op.person = { sub: `${personal}-subject`, number: anna.employeeNumber, until: `${personal}-no-date` };
    expect(keep(await browser.open(at('/oidc/op/login'))).status).toBe(403);
    for (const script of [
      { claims: (good: object) => ({ ...good, aud: `${personal}-client` }) },
      { sign: async () => `${secret}.${Buffer.from(JSON.stringify({ sub: personal })).toString('base64url')}.${secret}` },
      {
        answer: (good: URLSearchParams) =>
          new URLSearchParams({ state: good.get('state') ?? '', error: 'access_denied', error_description: `${personal} ${secret}` }),
      },
      { userinfo: () => ({ sub: `${personal}-other`, name: personal }) },
      {
        instead: (path: string, _request: IncomingMessage, response: ServerResponse) => {
          if (path !== '/token') return false;
          response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: personal, error_description: secret }));
          return true;
        },
      },
    ]) {
      op.play(script);
      expect(keep(await browser.open(at('/oidc/op/login'))).status).toBeGreaterThanOrEqual(403);
    }
    op.behave();
    for (const name of ['odd', 'broken']) expect(keep(await browser.logIn(at('/saml/idp/login'), name)).status).toBeGreaterThanOrEqual(403);
    const response = Buffer.from(`<Response>${personal}</Response>`).toString('base64');
    for (const body of [new URLSearchParams({ SAMLResponse: response, RelayState: `/${personal}` }), new URLSearchParams({ SAMLResponse: secret })]) {
      const answered = await fetch(at('/saml/idp/acs'), { method: 'POST', body });
      seen.refusals.push(await answered.text());
    }
    for (const path of [
      `/oidc/op/callback?code=${secret}&state=${personal}`,
      `/oidc/${personal}/login`,
      `/${personal}?token=${secret}`,
      `/me?email=${personal}`,
      `/saml/idp/login?returnTo=//${personal}`,
    ])
      keep(await createBrowser().open(at(path)));
  });

  test('errors of GraphQL and of the database', async () => {
    const before = seen.refusals.length;
    await ask(operator, 'query ($id: ID!) { identity(id: $id) { id } }', { id: personal });
    await ask(operator, 'query ($n: Int!) { identities(first: $n) { totalCount } }', { n: personal });
    await ask(operator, 'query ($s: String) { identities(search: $s) { totalCount } }', { s: { name: personal, token: secret } });
    await ask(operator, 'query ($s: String) { identities(search: $s) { totalCount } }', { s: `${personal}\u0000` });
    await ask(operator, 'mutation ($id: ID!, $r: String!) { retryOperation(id: $id, reason: $r) { id } }', { id: personal, r: personal });
    await ask(operator, 'query ($a: String) { identities(after: $a) { totalCount } }', { a: personal });
    await ask(`tt_${secret}`, '{ me { id } }');
    expect(await record(`${personal}-hr-4`, { ...anna, familyName: `${capital} Broken`, employeeNumber: `${personal}-10` })).toMatchObject({
      outcome: 'FAILED',
    });
    expect(await record(`${personal}-hr-5`, { ...anna, endDate: `${personal}-no-date` })).toMatchObject({ outcome: 'INVALID' });
    expect(await record(`${personal}-hr-6`, { ...anna, email: { address: personal } })).toMatchObject({ outcome: 'INVALID' });
    expect(seen.refusals.length).toBeGreaterThan(before + 6);
  });

  test('end: sessions are closed, and the next login is refused', async () => {
    await record(`${personal}-hr-1`, { ...anna, department: 'Sales' }, 'ENDED');
    expect(keep(await first.open(`${tenure.url}/me`)).body).not.toContain('Hello,');
    op.person = { sub: `${personal}-subject`, number: anna.employeeNumber };
    expect(keep(await first.open(`${tenure.url}/oidc/op/login`)).status).toBe(403);
    const [person] = await database.execute('select user_name from identity where id = ?', [id]);
    await eventually(async () => !(await crm.look(String(person?.['user_name']))).enabled);
    await eventually(async () => (await database.execute("select 1 from case_file where kind = 'end-not-confirmed' and identity_id = ?", [id])).length > 0);
  });

  test('the wave is through: it gives a target that is down some tries, then leaves it to the lives', async () => {
    await eventually(async () => (await database.execute("select 1 from operation where target = 'mirror' and status = 'failed'")).length >= 12);
  });
});

describe('afterwards, a planted value is in', () => {
  test('no log line of API and worker', () => {
    expect(seen.log.length).toBeGreaterThan(60);
    // The run was not empty: errors of every kind were logged.
    for (const expected of ['a login was refused', 'CONNECTOR_UNAVAILABLE', 'a batch of records could not be taken', 'a page failed', '23514'])
      expect([expected, seen.log.some((line) => line.includes(expected))]).toEqual([expected, true]);
    expect(seen.log.flatMap((line) => findPlanted(line, seen.exact))).toEqual([]);
  });

  test('no workflow: neither history, search attribute, memo, summary, detail nor failure', async () => {
    let count = 0;
    let failures = 0;
    let waves = 0;
    let requests = 0;
    for await (const listed of client.workflow.list()) {
      const handle = client.workflow.getHandle(listed.workflowId, listed.runId);
      const [described, history] = [await handle.describe(), await handle.fetchHistory()];
      const details = listed.status.name === 'RUNNING' ? await handle.query('__temporal_workflow_metadata').catch(() => null) : null;
      const all = asText([
        listed,
        described.raw,
        described.searchAttributes,
        described.memo,
        await described.staticSummary(),
        await described.staticDetails(),
        history,
        details,
      ]);
      expect(findPlanted(all, seen.exact)).toEqual([]);
      // Payloads really are readable here.
      expect([all.includes(listed.workflowId.replace(/^\w+\//, '')), /Evaluate access|Assign owners and deadlines|Request approvals/.test(all)]).toEqual([
        true,
        true,
      ]);
      if (listed.workflowId.startsWith('wave/')) waves += 1;
      if (listed.workflowId.startsWith('request/')) requests += 1;
      if (all.includes('CONNECTOR_UNAVAILABLE')) failures += 1;
      count += 1;
    }
    expect(count).toBeGreaterThan(3);
    expect([failures > 0, waves, requests]).toEqual([true, 1, 1]);
  });

  test('no metric', async () => {
    const addresses = seen.log.flatMap((line) => [...line.matchAll(/"(?:metrics|probes)":"(http[^"]+)"/g)].map(([, url]) => url ?? ''));
    expect(addresses).toHaveLength(2);
    for (const address of addresses) {
      const body = await (await fetch(new URL('/metrics', address))).text();
      expect(body).toContain('tenure_');
      expect(findPlanted(body, seen.exact)).toEqual([]);
    }
  });

  test('no trace', async () => {
    // Spans are sent some seconds later; those of a login and of targets that fail have to be among them.
    const missing = () => ['/oidc/:provider/callback', 'mirror', 'directory', 'CONNECTOR_UNAVAILABLE'].filter((word) => !seen.spans.join().includes(word));
    await eventually(async () => missing().length === 0).catch(() => expect(missing()).toEqual([]));
    expect(seen.spans.flatMap((one) => findPlanted(one, seen.exact))).toEqual([]);
  });

  test('no error that a caller was told', () => {
    expect(seen.refusals.length).toBeGreaterThan(20);
    expect(seen.refusals.flatMap((one) => findPlanted(one, seen.exact))).toEqual([]);
  });

  test('no open field of the audit, no case and no attempt, which outlive the person; its sealed fields hold them', async () => {
    for (const statement of [
      'select action, actor_id, subject_id, reason, personal, correlation_id from audit_event',
      'select key, evidence, resolution from case_file',
      'select code, message from operation_attempt',
      'select last_error, reason from operation',
    ]) {
      const rows = await database.execute(statement);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.flatMap((row) => findPlanted(asText(row), seen.exact))).toEqual([]);
    }
    const installation = await openInstallation(tenure.environment, 'planted');
    const events = await installation.store.read((tx) => tx.audit.page({ action: 'record.taken' }, 50, null));
    await installation.close();
    expect(findPlanted(asText(events.map((event) => event.personal)))).not.toEqual([]);
  });

  test('no webhook, and no mail but in its words and its addressee; no secret in either', () => {
    expect(seen.hooks.length).toBeGreaterThan(3);
    expect(seen.hooks.flatMap((one) => findPlanted(one, seen.exact))).toEqual([]);
    expect(post.raw.length).toBeGreaterThan(2);
    for (const raw of post.raw) {
      const headers = (raw.split(/\r?\n\r?\n/)[0] ?? '').replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
      expect(headers.some((line) => line.startsWith('To: '))).toBe(true);
      expect(headers.filter((line) => !/^(To|Subject): /.test(line)).flatMap((line) => findPlanted(line, seen.exact))).toEqual([]);
    }
    // The link is for its reader; no other secret is in a mail.
    for (const { text = '', html = '' } of post.mails)
      expect(findPlanted(`${text}${html}`.replaceAll(new RegExp(personal, 'gi'), '').replaceAll(/td_[\w-]{43}/g, ''), seen.exact)).toEqual([]);
  });

  test('no table but those that are there for what is known of people', async () => {
    const tables = await database.execute("select tablename from pg_tables where schemaname = 'public' order by 1");
    const held: string[] = [];
    for (const { tablename } of tables)
      if (findPlanted(asText(await database.execute(`select * from "${tablename}"`))).length > 0) held.push(String(tablename));
    expect(held).toEqual(mayHold);
  });

  test('no row of the database, where it is a secret or a token', async () => {
    const tables = await database.execute("select tablename from pg_tables where schemaname = 'public'");
    expect(tables.length).toBeGreaterThan(10);
    for (const { tablename } of tables) {
      const text = asText(await database.execute(`select * from "${tablename}"`));
      for (const value of [secret, ...seen.exact]) expect([tablename, text.includes(value)]).toEqual([tablename, false]);
    }
  });
});
