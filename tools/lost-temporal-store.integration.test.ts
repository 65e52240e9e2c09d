import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createEngine, type Engine } from '@tenure/engine/decide';
import { loadConfiguration, writeStarterConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { eventually } from '../apps/worker/test/installation.ts';
import { choosePort } from './embedded/ports.ts';
import { findTemporalServer } from './embedded/temporal-binary.ts';
import { type RunningTemporal, startTemporal } from './embedded/temporal-server.ts';
import { type NodeChild, startNodeChild } from './tenure/node-child.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

const namespace = 'company';
let home: string;
let database: TestDatabase;
let engine: Engine;
let ports: { readonly port: number; readonly uiPort: number };
let temporal: RunningTemporal;
let environment: NodeJS.ProcessEnv;
let stores = 0;
const children: NodeChild[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-store-lost-'));
  database = await createTestDatabase();
  ports = { port: await choosePort({ purpose: 'Temporal' }), uiPort: await choosePort({ purpose: 'the UI' }) };
  temporal = await startEmpty();
  const configuration = join(home, 'configuration');
  await writeStarterConfiguration(configuration);
  environment = {
    PATH: process.env['PATH'],
    TENURE_HOME: home,
    ...database.keys,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: namespace,
    TENURE_CONFIG: configuration,
    METRICS_PORT: '0',
    HOST: '127.0.0.1',
  };
  engine = createEngine({ configuration: await loadConfiguration({ directory: configuration, environment }) });
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: new Date().toISOString() } as const;
  await database.store.transaction(context, (tx) => publishPolicy(tx, engine));
}, 10 * 60_000);
afterAll(async () => {
  for (const child of children.reverse()) await child.stop();
  await temporal?.stop();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

/** A server with an empty store in which nothing was made: it has another namespace. */
async function startEmpty(): Promise<RunningTemporal> {
  const program = await findTemporalServer({ cacheDirectory: fileURLToPath(new URL('../.tenure/bin', import.meta.url)), onProgress: () => undefined });
  stores += 1;
  return startTemporal({ directory: join(home, `temporal-${stores}`), program, namespace: 'default', searchAttributes: {}, ...ports });
}

/** kill -9, and the store is gone. */
async function loseStore(): Promise<void> {
  process.kill(temporal.pid ?? 0, 'SIGKILL');
  await temporal.exited;
  temporal = await startEmpty();
}

interface Started extends NodeChild {
  readonly log: string[];
}
async function start(name: 'api' | 'worker'): Promise<Started> {
  const log: string[] = [];
  const child = startNodeChild({
    entry: fileURLToPath(new URL(`../apps/${name}/main.ts`, import.meta.url)),
    environment: { ...environment, PORT: String(await choosePort({ purpose: 'the API' })) },
    isReady: (line) => line.includes('"ready":true'),
    onLine: (line) => void log.push(line),
  });
  children.push(child);
  return { ...child, log };
}

function run(tool: string, ...flags: string[]): Promise<{ code: number; said: string; complained: string }> {
  const program = fileURLToPath(new URL(`${tool}.ts`, import.meta.url));
  const flag = ['--import', new URL('./load-typescript.js', import.meta.url).href];
  return new Promise((resolve) => {
    execFile(process.execPath, [...flag, program, ...flags], { env: environment }, (error, said, complained) =>
      resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}

/** A person whose contract ends far ahead: their lifecycle workflow sleeps until then. */
async function hire(number: string): Promise<string> {
  const context = { actor: { kind: 'source', id: 'hr' }, correlationId: number, now: new Date().toISOString() } as const;
  const facts = { displayName: `Person ${number}`, employeeNumber: number, endDate: '2999-12-31' };
  const { identityId } = await database.store.transaction(context, (tx) =>
    takeRecord(tx, engine, { source: 'hr', externalId: number, version: '1', facts, status: 'active', endedAt: null }),
  );
  if (identityId === null) throw new Error('the record was not taken');
  return identityId;
}

async function sleeps(identityId: string): Promise<void> {
  const connection = await Connection.connect({ address: temporal.address });
  const life = new Client({ connection, namespace }).workflow.getHandle(`identity/${identityId}`);
  await eventually(async () => (await life.query('nextWakeUp')) !== null).finally(() => connection.close());
}

test('after Temporal’s store was lost processes say what is missing, and one command and lifecycles:restart bring everything back', async () => {
  expect(await run('temporal-prepare')).toMatchObject({ code: 0 });
  const [api, worker] = [await start('api'), await start('worker')];
  await Promise.all([api.ready, worker.ready]);
  const before = await hire('1');
  await sleeps(before);

  await loseStore();
  await worker.stop(); // it would end by itself within two minutes
  const missing = `The namespace company does not exist at ${temporal.address} (TEMPORAL_NAMESPACE).`;
  expect(await run('lifecycles-restart')).toEqual({
    code: 2,
    said: '',
    complained: `No workflow was started. ${missing} npm run temporal:prepare creates it.\n`,
  });
  expect(await run('temporal-prepare', '--check')).toMatchObject({ code: 1, complained: `${missing}\n` });

  expect(await run('temporal-prepare')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/was created.*\n.*were registered.*\nNothing is missing now\.\n$/),
  });
  expect(await run('temporal-prepare', '--check')).toMatchObject({ code: 0, complained: '' });
  expect(await run('lifecycles-restart')).toMatchObject({ code: 0, said: expect.stringMatching(/^1 workflow /) });
  const successor = await start('worker');
  await successor.ready;
  await sleeps(before);
  await sleeps(await hire('2'));
  for (const child of [api, successor]) await child.stop();
}, 300_000);

test('a worker that finds Temporal without its data makes what lives need and starts them all', async () => {
  await loseStore();
  const worker = await start('worker');
  await worker.ready;
  await sleeps(await hire('3'));
  const known = await database.store.read((tx) => tx.identities.livesToRun(10, null));
  expect(known).toHaveLength(3);
  for (const identityId of known) await sleeps(identityId);
  const told = (): readonly string[] => worker.log.filter((line) => /was created|were registered|workflows were started again/.test(line));
  await eventually(async () => told().length >= 3);
  expect(told()).toHaveLength(3);
}, 300_000);
