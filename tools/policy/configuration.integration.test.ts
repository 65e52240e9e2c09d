import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { createBrowser, type Page } from '@tenure/testing/browser.ts';
import type { Person } from '@tenure/testing/identity-providers/people.ts';
import { freePort } from '@tenure/testing/free-port.ts';
import { type RunningOidcProvider, startOidcProvider } from '@tenure/testing/identity-providers/oidc-provider.ts';
import { type RunningScimServer, startScimServer } from '@tenure/testing/targets/scim-server.ts';
import { until } from '../embedded/until.ts';
import { type NodeChild, startNodeChild } from '../tenure/node-child.ts';
import { takeRecord } from '@tenure/engine/intake';

/** The processes of an installation with real providers and targets: an API, and two workers of which one lacks the secret of the new target. */
let database: TestDatabase;
let directory: string;
let crm: RunningScimServer;
let provider: RunningOidcProvider;
let api: Process;
let worker: Process;
let lacking: Process;
let url: string;
const token = 'token-of-the-crm-for-this-test';
const ada: Person = { name: 'ada', attributes: { given_name: 'Ada', family_name: 'Byron', email: 'ada@company.example', employee_number: '7' } };
const children: NodeChild[] = [];

interface Process {
  readonly lines: string[];
  /** Answer of `/health/ready`. */
  ready(): Promise<{ readonly status: string; readonly configuration: { readonly version: number; readonly behind: number | null } }>;
  /** Lines of `/metrics` about the configuration. */
  metrics(): Promise<readonly string[]>;
}

const tenureYaml = (more = ''): string => `
url: ${url}
timeZone: UTC
applyPolicy: by-command
attributes: { givenName: { type: string }, displayName: { type: string }, email: { type: string }, employeeNumber: { type: string } }
sources: { hr: { authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] } }
${more}`;
const accessYaml = `
entitlements: { tenure.auditor: { target: tenure, value: auditor } }
birthright: [{ name: everybody, when: "true", entitlements: [tenure.auditor] }]
`;
const company = (): string =>
  `identityProviders:
  company: { protocol: oidc, issuer: "${provider.issuer}", clientId: tenure, clientSecret: "\${env:OIDC_SECRET}", mayLink: [privileged], correlate: [{ attribute: employeeNumber }], attributes: { givenName: claims.given_name, employeeNumber: claims.employee_number } }
`;
const crmTarget = (more = ''): string =>
  `targets:
  crm: { kind: scim, url: "${crm.url}", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName }${more} }
`;
const withCrm = `
entitlements:
  tenure.auditor: { target: tenure, value: auditor }
  crm.finance: { target: crm, value: Finance }
birthright: [{ name: everybody, when: "true", entitlements: [tenure.auditor, crm.finance] }]
`;

beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'tenure-versions-'));
  for (const folder of ['policy', 'secrets', 'no-secrets']) await mkdir(join(directory, folder));
  crm = await startScimServer({ port: 0, token });
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  provider = await startOidcProvider({ port: 0, people: () => [ada], redirectUri: `${url}/oidc/company/callback` });
  await configure(tenureYaml(), accessYaml);
  api = await start('api', { PORT: String(port), API_METRICS_PORT: String(await freePort()), TENURE_SECRETS: join(directory, 'secrets') });
  worker = await start('worker', { TENURE_SECRETS: join(directory, 'secrets') });
  lacking = await start('worker', { TENURE_SECRETS: join(directory, 'no-secrets') });
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: new Date().toISOString() } as const;
  const engine = createEngine({ configuration: await loadConfiguration({ directory, environment: {} }) });
  await database.store.transaction(context, (tx) =>
    takeRecord(tx, engine, {
      source: 'hr',
      externalId: '7',
      version: '1',
      facts: { displayName: 'Ada', employeeNumber: '7' },
      status: 'active',
      endedAt: null,
    }),
  );
}, 300_000);
afterAll(async () => {
  await Promise.all(children.map((child) => child.stop()));
  await provider?.stop();
  await crm?.stop();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
}, 120_000);

const configure = async (tenure: string, access: string): Promise<void> => {
  await writeFile(join(directory, 'tenure.yaml'), tenure);
  await writeFile(join(directory, 'policy', 'access.yaml'), access);
};

/** A process as `npm start` and the image have it. */
async function start(name: 'api' | 'worker', more: NodeJS.ProcessEnv): Promise<Process> {
  const lines: string[] = [];
  const port = name === 'api' ? more['PORT'] : String(await freePort());
  const environment = {
    PATH: process.env['PATH'],
    ...database.keys,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: process.env['TENURE_TEST_TEMPORAL_ADDRESS'],
    TEMPORAL_NAMESPACE: `versions-${process.pid}`,
    TENURE_CONFIG: directory,
    HOST: '127.0.0.1',
    ...(name === 'worker' ? { METRICS_PORT: port } : {}),
    ...more,
  };
  const entry = fileURLToPath(new URL(`../../apps/${name}/main.ts`, import.meta.url));
  const child = startNodeChild({ entry, environment, isReady: (line) => line.includes('"ready":true'), onLine: (line) => void lines.push(line) });
  children.push(child);
  await child.ready;
  const get = (path: string, at = port): Promise<Response> => fetch(`http://127.0.0.1:${at}${path}`);
  return {
    lines,
    ready: async () => (await get('/health/ready')).json() as ReturnType<Process['ready']>,
    metrics: async () => {
      const text = await (await get('/metrics', name === 'api' ? more['API_METRICS_PORT'] : port)).text();
      return text.split('\n').filter((line) => line.startsWith('tenure_configuration_'));
    },
  };
}

/** Runs the command as npm does, with no secret at hand. */
function config(...words: string[]): Promise<{ readonly code: number; readonly said: string; readonly complained: string }> {
  const program = fileURLToPath(new URL('../policy.ts', import.meta.url));
  const env = { PATH: process.env['PATH'], TENURE_HOME: directory, TENURE_CONFIG: directory, DATABASE_URL: database.url, ...database.keys };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', new URL('../load-typescript.js', import.meta.url).href, program, ...words], { env }, (error, said, complained) =>
      resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}

async function apply(): Promise<number> {
  const digest = /--digest (\w+)/.exec((await config('plan')).said)?.[1] ?? '';
  const applied = await config('apply', '--digest', digest);
  if (applied.code !== 0) throw new Error(applied.said + applied.complained);
  return Number(/Version (\d+) is in force/.exec(applied.said)?.[1]);
}

async function eventually<T>(ask: () => Promise<T | null | undefined | false>): Promise<T> {
  const found = await until(async () => (await ask().catch(() => null)) || undefined, { timeout: 120_000 });
  if (found === undefined) throw new Error(`did not come about:\n${[api, worker, lacking].map(({ lines }) => lines.slice(-8).join('\n')).join('\n\n')}`);
  return found as T;
}

const works = (process: Process, version: number) =>
  eventually(async () => {
    const { configuration } = await process.ready();
    return configuration.version === version && configuration.behind === null;
  });

async function logIn(): Promise<Page> {
  return createBrowser().logIn(`${url}/oidc/company/login?returnTo=%2Fme`, 'ada');
}

test('the first start stores tenure.yaml as version 1, and a file that was not applied is said to be not in force', async () => {
  expect(await database.execute('select version, settings_digest is not null as kept, published_by from policy_version')).toEqual([
    { version: 1, kept: true, published_by: 'system api' },
  ]);
  for (const process of [api, worker, lacking]) expect((await process.ready()).configuration).toEqual({ version: 1, behind: null });
  await configure(tenureYaml(company()), accessYaml);
  const late = await start('api', { PORT: String(await freePort()), TENURE_SECRETS: join(directory, 'no-secrets') });
  expect(late.lines.join('\n')).toContain('the files of policy/ and tenure.yaml are not the current version, which stays in force');
  expect((await late.ready()).configuration).toEqual({ version: 1, behind: null });
  await children.pop()?.stop();
}, 240_000);

test('a provider and a target are taken over without a restart: somebody logs in, and has an account there', async () => {
  expect((await logIn()).status).toBe(404);
  await configure(tenureYaml(`${company()}${crmTarget()}`), withCrm);
  expect((await config('plan')).said).toMatch(
    /Not set for this command:\n.*clientSecret: the environment variable OIDC_SECRET is not set\n.*CRM_TOKEN is not set\nA running process .*\nWrite the value .*\/secrets, or/,
  );
  await writeFile(join(directory, 'secrets', 'OIDC_SECRET'), `${provider.clientSecret}\n`);
  await writeFile(join(directory, 'secrets', 'CRM_TOKEN'), token);
  // A file that is wrong is refused, by line and column.
  await configure(tenureYaml(`${company()}${crmTarget(', adoptby: emails')}`), withCrm);
  expect(await config('check')).toMatchObject({ code: 2, complained: expect.stringMatching(/^tenure\.yaml:\d+:\d+ targets\.crm\.adoptby/) });
  expect(await config('plan')).toMatchObject({ code: 2 });

  await configure(tenureYaml(`${company()}${crmTarget()}`), withCrm);
  const planned = await config('plan');
  expect(planned).toMatchObject({
    code: 0,
    said: expect.stringMatching(
      /In tenure\.yaml:\n {2}\+ identityProviders\.company\n {2}\+ targets\.crm\nCompared with version 1, this configuration would change the access of 1 of 1 people\.\nThey would gain:\n {2}\+ +1 {2}entitlement crm\.finance, by everybody/,
    ),
  });
  const digest = /--digest (\w+)/.exec(planned.said)?.[1] ?? '';
  // The file has changed since the plan.
  await configure(tenureYaml(`${company()}${crmTarget(', title: CRM')}`), withCrm);
  expect(await config('apply', '--digest', digest)).toMatchObject({ code: 1, said: expect.stringContaining('have changed since that plan') });
  expect(await database.store.read((tx) => tx.access.currentPolicyVersion())).toBe(1);

  const version = await apply();
  expect(version).toBe(2);
  await Promise.all([works(api, version), works(worker, version)]);
  const page = await logIn();
  expect(page).toMatchObject({ status: 200, url: `${url}/me`, body: expect.stringContaining('Hello, ') });
  const [identity] = await database.execute('select user_name from identity');
  const account = await eventually(async () => {
    const found = await crm.look(String(identity?.['user_name']));
    return found.enabled && found.groups.includes('Finance') ? found : null;
  });
  expect(account.groups).toEqual(['Finance']);
  const [event] = await database.execute(`select actor_kind, actor_id, reason from audit_event where action = 'policy.published' and subject_id = '2'`);
  expect(event).toEqual({
    actor_kind: 'service',
    actor_id: 'npm run policy',
    reason: { digest: expect.stringMatching(/^[0-9a-f]{64}$/), settings: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(JSON.stringify(await database.execute('select settings from policy_version'))).not.toContain(token);
}, 240_000);

test('a process that lacks a secret says which, and goes on by the version that it has until the secret is there', async () => {
  const { status, configuration } = await eventually(async () => {
    const answer = await lacking.ready();
    return answer.configuration.behind === null ? null : answer;
  });
  expect({ status, configuration }).toEqual({ status: 'ok', configuration: { version: 1, behind: 2 } });
  const complaints = (): readonly string[] => lacking.lines.filter((line) => line.includes('configuration version 2 cannot be taken over'));
  await eventually(async () => complaints().length > 0);
  const said = complaints();
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('targets.crm.token: the environment variable CRM_TOKEN is not set');
  expect(await lacking.metrics()).toEqual(['tenure_configuration_version 1', 'tenure_configuration_behind 1']);
  for (const process of [api, worker]) expect(await process.metrics()).toEqual(['tenure_configuration_version 2', 'tenure_configuration_behind 0']);

  for (const name of ['OIDC_SECRET', 'CRM_TOKEN'])
    await writeFile(join(directory, 'no-secrets', name), await readFile(join(directory, 'secrets', name), 'utf8'));
  await works(lacking, 2);
  expect(await lacking.metrics()).toEqual(['tenure_configuration_version 2', 'tenure_configuration_behind 0']);
}, 240_000);

test('a target with accounts in use cannot be removed; a removed provider lets nobody in', async () => {
  await configure(tenureYaml(company()), accessYaml);
  expect((await config('plan')).said).toContain('targets.crm cannot be removed: one account is in use there.');
  const digest = /--digest (\w+)/.exec((await config('plan')).said)?.[1] ?? '';
  expect(await config('apply', '--digest', digest)).toMatchObject({ code: 1, said: expect.stringContaining('version 2 stays in force') });

  // Its queue is polled within other limits from then on, and its pending work is done.
  await configure(tenureYaml(crmTarget(', ratePerSecond: 50, concurrency: 3')), accessYaml);
  const version = await apply();
  await Promise.all([api, worker, lacking].map((process) => works(process, version)));
  expect((await logIn()).status).toBe(404);
  const [identity] = await database.execute('select user_name from identity');
  await eventually(async () => !(await crm.look(String(identity?.['user_name']))).groups.includes('Finance'));

  await configure(tenureYaml(), accessYaml);
  const last = await eventually(() => apply());
  await Promise.all([api, worker, lacking].map((process) => works(process, last)));
  for (const process of [api, worker, lacking])
    expect(process.lines.filter((line) => /"level":[56]0/.test(line) && !line.includes('cannot be taken over'))).toEqual([]);
}, 240_000);
