import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createEngine } from '@tenure/engine/decide';
import { loadConfiguration, writeStarterConfiguration } from '@tenure/config';
import { createVault, openStore } from '@tenure/store';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { findTemporalServer } from './embedded/temporal-binary.ts';
import { type RunningTemporal, startTemporal } from './embedded/temporal-server.ts';
import { publishPolicy } from '@tenure/engine/policy';
import { takeRecord } from '@tenure/engine/intake';

const keys = { TENURE_MASTER_KEY: randomBytes(32).toString('base64'), TENURE_AUDIT_KEY: randomBytes(32).toString('base64') };
let directory: string;
let database: TestDatabase;
let temporal: RunningTemporal;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenure-restart-'));
  database = await createTestDatabase();
  const cacheDirectory = fileURLToPath(new URL('../.tenure/bin', import.meta.url));
  const program = await findTemporalServer({ cacheDirectory, onProgress: () => undefined });
  // As it is after the store was lost: nobody has registered anything.
  temporal = await startTemporal({ directory: join(directory, 'temporal'), program, namespace: 'default', searchAttributes: {}, onLog: () => undefined });
}, 10 * 60_000);
afterAll(async () => {
  await temporal?.stop();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
});

function restart(namespace = 'default'): Promise<{ readonly code: number; readonly said: string; readonly complained: string }> {
  const program = fileURLToPath(new URL('lifecycles-restart.ts', import.meta.url));
  const environment = { ...keys, DATABASE_URL: database.url, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: namespace, TENURE_HOME: directory };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', new URL('./load-typescript.js', import.meta.url).href, program],
      { env: { PATH: process.env['PATH'], ...environment } },
      (error, said, complained) => resolve({ code: Number(error?.code ?? 0), said, complained }),
    );
  });
}

test('lifecycles:restart starts lives in an empty cluster that no worker has been in yet', async () => {
  const configurationDirectory = join(directory, 'configuration');
  await writeStarterConfiguration(configurationDirectory);
  const configuration = await loadConfiguration({ directory: configurationDirectory, environment: {} });
  const vault = createVault({ master: Buffer.from(keys.TENURE_MASTER_KEY, 'base64'), audit: Buffer.from(keys.TENURE_AUDIT_KEY, 'base64') });
  const store = await openStore({ url: database.url, vault, poolSize: 2 });
  const engine = createEngine({ configuration });
  const now = new Date().toISOString();
  const { identityId } = await store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, async (tx) => {
    await publishPolicy(tx, engine);
    const facts = { displayName: 'Ada', employeeNumber: '7', endDate: '2999-12-31' };
    return takeRecord(tx, engine, { source: 'hr', externalId: '7', version: '1', facts, status: 'active', endedAt: null });
  });
  await store.close();

  // The answer contains Temporal's reason.
  expect(await restart('nowhere')).toMatchObject({ code: 2, complained: expect.stringMatching(/nowhere/) });
  expect(await restart()).toEqual({
    code: 0,
    said: '1 workflow with something pending or due later was signalled or started again from PostgreSQL.\n',
    complained: '',
  });
  const connection = await Connection.connect({ address: temporal.address });
  const { status } = await new Client({ connection }).workflow.getHandle(`identity/${identityId}`).describe();
  await connection.close();
  expect(status.name).toBe('RUNNING');
});
