import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { type OtlpReceiver, seriesValue, startOtlpReceiver } from '@tenure/telemetry/testing';
import { Client as PostgresClient } from 'pg';
import { choosePort } from './embedded/ports.ts';
import { type RunningTenure, startTenure } from './tenure/start-tenure.ts';

/** The two processes as they are run in production, observed from outside: their one target does not answer. */
const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes: { displayName: { type: string }, employeeNumber: { type: string } }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
targets:
  crm: { title: CRM, kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements: { crm.user: { title: Uses the CRM, target: crm, value: users } }
birthright: [{ name: everybody, when: "true", entitlements: [crm.user] }]
`;
const markers = /zyxwina|marken|778899|hidden-token/i;

let home: string;
let database: TestDatabase;
let receiver: OtlpReceiver;
let tenure: RunningTenure;
const log: string[] = [];

interface Line {
  readonly name?: string;
  readonly msg?: string;
  readonly correlation?: string;
  readonly trace?: string;
  readonly code?: string;
  readonly probes?: string;
  readonly metrics?: string;
}
const lines = (): readonly Line[] => log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Line);
const urlIn = (field: 'probes' | 'metrics'): string => lines().find((line) => line[field] !== undefined)?.[field] ?? '';

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-observed-'));
  const configuration = join(home, 'configuration');
  await mkdir(join(configuration, 'policy'), { recursive: true });
  await writeFile(join(configuration, 'tenure.yaml'), tenureYaml);
  await writeFile(join(configuration, 'policy', 'access.yaml'), accessYaml);
  database = await createTestDatabase();
  receiver = await startOtlpReceiver();
  const address = process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '';
  tenure = await startTenure({
    home,
    configuration,
    port: await choosePort({ purpose: 'the API' }),
    environment: {
      PATH: process.env['PATH'],
      CRM_TOKEN: 'hidden-token',
      DATABASE_URL: database.url,
      ...database.keys,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: await ownNamespace(address),
      METRICS_PORT: '0',
      API_METRICS_PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    },
    announce: () => undefined,
    onLog: (line) => void log.push(line),
  });
});
afterAll(async () => {
  await tenure?.stop();
  await receiver?.close();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

/** Makes a namespace for this test: workflows of other tests belong to other databases. */
async function ownNamespace(address: string): Promise<string> {
  const namespace = `observed-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: 86_400 as never } });
  await connection.close();
  return namespace;
}

async function eventually<T>(ask: () => Promise<T | null | false | undefined> | T | null | false | undefined, patience = 120_000): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`did not come about within ${patience} ms; the log says:\n${log.slice(-20).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function readiness(): Promise<{ readonly status: number; readonly checks: Readonly<Record<string, string>> }> {
  const response = await fetch(`${urlIn('probes')}/health/ready`);
  return { status: response.status, checks: ((await response.json()) as { checks: Readonly<Record<string, string>> }).checks };
}

test('the worker is ready when database and Temporal answer and each of its queues is polled', async () => {
  const ready = await eventually(async () => {
    const state = await readiness();
    return state.status === 200 && state;
  });
  expect(ready.checks).toEqual({
    database: 'ok',
    temporal: 'ok',
    'queue tenure': 'ok',
    'queue tenure/urgent': 'ok',
    'queue tenure/reconciliation': 'ok',
    'queue target/crm': 'ok',
  });
  expect((await fetch(`${urlIn('probes')}/health/live`)).status).toBe(200);
  expect((await fetch(`${tenure.url}/health/ready`)).status).toBe(200);
});

test('a request is one trace through both processes to the target, and one id in the log of both', async () => {
  const { token } = await database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'token', now: new Date().toISOString() }, (tx) =>
    tx.sessions.createServiceToken({ name: 'HR', roles: ['source:hr'], createdBy: 'test', expiresAt: '2099-01-01T00:00:00.000Z' }, tx.context.now),
  );
  const query = 'mutation ($input: RecordFactsInput!) { recordFacts(input: $input) { problems } }';
  const attributes = { displayName: 'Zyxwina Markenstein', employeeNumber: 'MARK-778899' };
  const variables = { input: { source: 'hr', records: [{ externalId: 'MARK-778899', version: '1', status: 'ACTIVE', attributes }] } };
  const response = await fetch(`${tenure.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-request-id': 'observed-1' },
    body: JSON.stringify({ query, variables }),
  });
  expect(await response.json()).toEqual({ data: { recordFacts: { problems: 0 } } });

  const path = ['POST /graphql', 'outbox', 'identityLifecycle', 'decide', 'applyOperations crm', 'crm observe'];
  const spans = await eventually(() => {
    const found = path.map((name) => receiver.spans.find((span) => span.name === name));
    return found.every((span) => span !== undefined) && found;
  });
  for (const [index, span] of spans.entries()) if (index > 0) expect([span.traceId, span.parentSpanId]).toEqual([spans[0]?.traceId, spans[index - 1]?.spanId]);
  expect(spans.map(({ service }) => service)).toEqual(['tenure-api', ...Array<string>(5).fill('tenure-worker')]);
  expect(spans.at(-1)?.attributes).toMatchObject({ 'error.type': 'CONNECTOR_UNAVAILABLE' });

  const failed = await eventually(() => lines().find(({ correlation, code }) => correlation === 'observed-1' && code === 'CONNECTOR_UNAVAILABLE'));
  expect(failed.trace).toBe(spans[0]?.traceId);
  const told = lines().filter(({ correlation }) => correlation === 'observed-1');
  expect(new Set(told.map(({ name }) => name))).toEqual(new Set(['api', 'worker']));
});

test('metrics are read where nobody else comes, and hold nothing of anybody', async () => {
  expect((await fetch(`${tenure.url}/metrics`)).status).toBe(404);
  // A request is counted once its answer was sent, and signals of a case wait in the outbox for a moment.
  const [ofApi, ofWorker] = await eventually(async () => {
    const both = await Promise.all((['metrics', 'probes'] as const).map(async (field) => (await fetch(`${urlIn(field)}/metrics`)).text()));
    const requests = seriesValue(both[0] ?? '', 'tenure_http_request_duration_seconds_count{route="/graphql",method="POST",status="2xx"}');
    return requests === 1 && seriesValue(both[1] ?? '', 'tenure_outbox_waiting') === 0 && both;
  });
  expect(seriesValue(ofApi ?? '', 'tenure_decision_duration_seconds_count{trigger="record"}')).toBe(1);
  expect(seriesValue(ofWorker ?? '', 'tenure_operations_open{target="crm",status="pending"}')).toBeGreaterThan(0);
  for (const text of [ofApi ?? '', ofWorker ?? '', receiver.text(), log.join('\n')]) expect(text).not.toMatch(markers);
});

test('a worker without its database says so', async () => {
  const server = new PostgresClient({ connectionString: process.env['TENURE_TEST_DATABASE_URL'] });
  await server.connect();
  const name = new URL(database.url).pathname.slice(1);
  await server.query(`alter database ${name} with allow_connections false`);
  await server.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  const state = await eventually(async () => {
    const now = await readiness();
    return now.status === 503 && now.checks['database'] === 'does not answer' && now;
  });
  expect(state.checks).toMatchObject({ database: 'does not answer', temporal: 'ok', 'queue target/crm': 'ok' });
  const metrics = await eventually(async () => {
    const text = await (await fetch(`${urlIn('probes')}/metrics`)).text();
    return seriesValue(text, 'tenure_database_answers') === 0 && text;
  });
  expect(seriesValue(metrics, 'tenure_outbox_waiting')).toBeNull();
  await server.query(`alter database ${name} with allow_connections true`);
  await server.end();
  await eventually(async () => (await readiness()).status === 200);
});
