import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration, temporalSettings, writeStarterConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { eventually } from '../apps/worker/test/installation.ts';
import { openTemporal } from '../apps/worker/open-temporal.ts';
import { makeBadCertificates, makeCertificates } from '../libs/connectors/test-certificates.ts';
import { startNodeChild } from './tenure/node-child.ts';
import { startTemporalGateway, type TemporalGateway } from './test-temporal-gateway.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

const real = process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '';
const apiKey = 'key-that-nobody-may-read';
let home: string;
let gateway: TemporalGateway;
let database: TestDatabase;
let secured: Record<string, string>;
const stops: (() => Promise<unknown>)[] = [];
const file = (name: string): string => join(home, name);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-tls-'));
  makeCertificates(home);
  makeBadCertificates(home);
  await writeFile(file('api-key'), `${apiKey}\n`);
  database = await createTestDatabase();
  gateway = await startTemporalGateway({ address: real, certificates: home, apiKey });
  secured = {
    TEMPORAL_ADDRESS: gateway.address,
    TEMPORAL_NAMESPACE: `tls-${process.pid}`,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem'),
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('server.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('server.key'),
    TEMPORAL_API_KEY_FILE: file('api-key'),
  };
});
beforeEach(() => {
  gateway.refused.clear();
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
  await gateway?.stop();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

/** A tool as `npm run` runs it. */
function run(tool: string, environment: NodeJS.ProcessEnv, ...flags: string[]): Promise<{ code: number; said: string; complained: string }> {
  const program = fileURLToPath(new URL(`${tool}.ts`, import.meta.url));
  const env = { PATH: process.env['PATH'], TENURE_HOME: home, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', new URL('./load-typescript.js', import.meta.url).href, program, ...flags], { env }, (error, said, complained) =>
      resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}

test('tools and worker get in by a client certificate and an API key, and show the key to nobody', async () => {
  expect(await run('temporal-prepare', secured)).toMatchObject({
    code: 0,
    said: expect.stringMatching(/was created.*\n.*were registered.*\nNothing is missing now\.\n$/),
  });
  const configuration = file('configuration');
  await writeStarterConfiguration(configuration);
  const environment = {
    PATH: process.env['PATH'],
    ...database.keys,
    ...secured,
    DATABASE_URL: database.url,
    TENURE_CONFIG: configuration,
    METRICS_PORT: '0',
  };
  const written: string[] = [];
  const entry = fileURLToPath(new URL('../apps/worker/main.ts', import.meta.url));
  const worker = startNodeChild({ entry, environment, isReady: (line) => line.includes('"ready":true'), onLine: (line) => void written.push(line) });
  stops.push(() => worker.stop());
  const engine = createEngine({ configuration: await loadConfiguration({ directory: configuration, environment }) });
  const now = new Date().toISOString();
  const { identityId } = await database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, async (tx) => {
    await publishPolicy(tx, engine);
    const facts = { displayName: 'Ada', employeeNumber: '7', endDate: '2999-12-31' };
    return takeRecord(tx, engine, { source: 'hr', externalId: '7', version: '1', facts, status: 'active', endedAt: null });
  });
  await worker.ready;
  expect(await run('lifecycles-restart', { ...environment })).toMatchObject({ code: 0, said: expect.stringMatching(/^1 workflow /) });
  const connection = await Connection.connect({ address: real });
  stops.push(() => connection.close());
  const life = new Client({ connection, namespace: secured['TEMPORAL_NAMESPACE'] ?? '' }).workflow.getHandle(`identity/${identityId}`);
  // Decided by the worker: it sleeps until the last day.
  await eventually(async () => (await life.query('nextWakeUp')) !== null);
  expect(new Set(gateway.calls.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${apiKey}`]));
  const methods = (client: RegExp) => gateway.calls.filter((call) => client.test(call.client)).map(({ method }) => method);
  expect(methods(/grpc-node/)).toEqual(expect.arrayContaining(['RegisterNamespace', 'SignalWithStartWorkflowExecution', 'DescribeNamespace']));
  expect(methods(/^(?!.*grpc-node)/)).toEqual(expect.arrayContaining(['PollWorkflowTaskQueue', 'PollActivityTaskQueue', 'RespondWorkflowTaskCompleted']));
  expect(written.join('\n')).not.toContain(apiKey);
  expect(written.join('\n')).not.toMatch(/no workflow can start/);
});

test.each([
  [
    'without TLS',
    { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '', TEMPORAL_TLS_CLIENT_CERT_PATH: '', TEMPORAL_TLS_CLIENT_KEY_PATH: '', TEMPORAL_API_KEY_FILE: '' },
    /set TEMPORAL_TLS=true/,
  ],
  ['without the server’s authority', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '' }, /certificate that can be trusted .*TEMPORAL_TLS_SERVER_CA_CERT_PATH/],
  ['with another authority', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'stranger.pem' }, /certificate that can be trusted/],
  ['under another name', { TEMPORAL_TLS_SERVER_NAME: 'temporal.example' }, /certificate of that name .*TEMPORAL_TLS_SERVER_NAME/],
  [
    'without a client certificate',
    { TEMPORAL_TLS_CLIENT_CERT_PATH: '', TEMPORAL_TLS_CLIENT_KEY_PATH: '' },
    /another client certificate \(TEMPORAL_TLS_CLIENT_CERT_PATH\)/,
  ],
  ['with a stranger’s', { TEMPORAL_TLS_CLIENT_CERT_PATH: 'stranger.pem', TEMPORAL_TLS_CLIENT_KEY_PATH: 'stranger.key' }, /another client certificate/],
  ['without an API key', { TEMPORAL_API_KEY_FILE: '' }, /lets nobody in like this \(Request unauthorized\): check the client certificate/],
  ['with a wrong API key', { TEMPORAL_API_KEY_FILE: '', TEMPORAL_API_KEY: 'wrong' }, /lets nobody in like this .*: check TEMPORAL_API_KEY/],
  ['at a port where nobody listens', { TEMPORAL_ADDRESS: 'localhost:1' }, /does not answer at localhost:1 \(ECONNREFUSED\)/],
])(
  '%s the reason is said',
  async (_name, change, reason) => {
    const named = Object.entries(change).map(([name, value]) => [name, /\.(pem|key)$/.test(value) ? file(value) : value]);
    const environment = { ...secured, ...Object.fromEntries(named) } as Record<string, string>;
    const none = { info: () => undefined, warn: () => undefined };
    await expect(openTemporal(temporalSettings(environment), none)).rejects.toThrow(reason);
  },
  60_000,
);

test('an expired certificate, and a server that takes no TLS, are said', async () => {
  const expired = await startTemporalGateway({ address: real, certificates: home, apiKey, certificate: 'expired' });
  const none = { info: () => undefined, warn: () => undefined };
  await expect(openTemporal(temporalSettings({ ...secured, TEMPORAL_ADDRESS: expired.address }), none)).rejects.toThrow(/CERT_HAS_EXPIRED.*renew the server's/);
  await expired.stop();
  await expect(openTemporal(temporalSettings({ TEMPORAL_ADDRESS: real, TEMPORAL_TLS: 'true' }), none)).rejects.toThrow(/set TEMPORAL_TLS=false/);
});

test('a tool says the reason as the worker does, and not the key', async () => {
  for (const [change, reason] of [
    [{ TEMPORAL_TLS_CLIENT_CERT_PATH: '', TEMPORAL_TLS_CLIENT_KEY_PATH: '' }, /another client certificate/],
    [{ TEMPORAL_API_KEY: 'key-that-is-wrong', TEMPORAL_API_KEY_FILE: '' }, /lets nobody in like this .*: check TEMPORAL_API_KEY and the client certificate/],
    [{ TEMPORAL_TLS: 'false' }, /TEMPORAL_TLS: is false, although/],
  ] as const) {
    const tool = await run('temporal-prepare', { ...secured, ...change }, '--check');
    expect(tool).toMatchObject({ code: 2, said: '', complained: expect.stringMatching(reason) });
    expect(tool.complained).not.toMatch(/key-that/);
  }
});

test('where only others may create namespaces and search attributes, what is missing is said with the command for them', async () => {
  const environment = { ...secured, TEMPORAL_NAMESPACE: `cloud-${process.pid}` };
  const settings = temporalSettings(environment);
  const none = { info: () => undefined, warn: () => undefined };
  const operators = ['RegisterNamespace', 'UpdateNamespace', 'ListSearchAttributes', 'AddSearchAttributes'];
  for (const method of operators) gateway.refused.add(method);
  const namespaceMissing =
    /^The namespace cloud-\d+ does not exist .* could not be mended \(Request unauthorized\)\. .* temporal operator namespace create --namespace cloud-\d+ --retention 720h/m;
  await expect(openTemporal(settings, none)).rejects.toThrow(namespaceMissing);
  expect(await run('temporal-prepare', environment)).toMatchObject({ code: 1, complained: expect.stringMatching(namespaceMissing) });
  // An operator with the right to do so creates the namespace, and then the search attributes.
  gateway.refused.delete('RegisterNamespace');
  const attributeMissing =
    /^The search attribute TenureDueAt \(Datetime\) is missing .* temporal operator search-attribute create --namespace cloud-\d+ --name TenureDueAt --type Datetime/m;
  await expect(openTemporal(settings, none)).rejects.toThrow(attributeMissing);
  for (const method of operators) gateway.refused.delete(method);
  expect(await run('temporal-prepare', environment)).toMatchObject({ code: 0 });
  // Nothing is left to make, so that no right of an operator is needed any more.
  for (const method of operators) gateway.refused.add(method);
  const { connection, cluster } = await openTemporal(settings, none);
  await connection.close();
  expect(cluster).toMatchObject({ gaps: [], made: [], isNew: false });
  expect(await run('temporal-prepare', environment, '--check')).toMatchObject({ code: 0, said: expect.stringMatching(/Nothing is missing\.\n$/) });
});
