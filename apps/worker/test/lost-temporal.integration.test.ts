import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { writeStarterConfiguration } from '@tenure/config';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { choosePort } from '../../../tools/embedded/ports.ts';
import { findTemporalServer } from '../../../tools/embedded/temporal-binary.ts';
import { type RunningTemporal, startTemporal } from '../../../tools/embedded/temporal-server.ts';
import { type NodeChild, startNodeChild } from '../../../tools/tenure/node-child.ts';

const fromRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const target = `targets:
  crm:
    title: CRM
    kind: scim
    url: http://127.0.0.1:1/scim
    token: \${env:CRM_TOKEN}
    attributes: { displayName: identity.displayName }`;

let home: string;
let database: TestDatabase;
let temporal: RunningTemporal | null = null;
let worker: NodeChild | null = null;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-lost-'));
  database = await createTestDatabase();
});
afterAll(async () => {
  await worker?.stop();
  await temporal?.stop();
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

it('a worker whose Temporal has lost its store, namespace included, ends by itself and says why', async () => {
  const program = await findTemporalServer({ cacheDirectory: fromRoot('.tenure/bin'), onProgress: () => undefined });
  const [port, uiPort] = [await choosePort({ purpose: 'Temporal' }), await choosePort({ purpose: 'the UI' })];
  const start = (directory: string, namespace: string): Promise<RunningTemporal> =>
    startTemporal({ directory: join(home, directory), program, namespace, searchAttributes: {}, port, uiPort });
  temporal = await start('before', 'company');

  const configuration = join(home, 'configuration');
  await writeStarterConfiguration(configuration);
  // A queue of its own, beside that of the identity lifecycles: each of them is polled separately.
  const file = join(configuration, 'tenure.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^targets:.*$/m, target));
  const said: string[] = [];
  worker = startNodeChild({
    entry: fromRoot('apps/worker/main.ts'),
    environment: {
      PATH: process.env['PATH'],
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: 'company',
      TENURE_CONFIG: configuration,
      ...database.keys,
      METRICS_PORT: '0',
      CRM_TOKEN: 'none',
    },
    isReady: (line) => line.includes('"ready":true'),
    onLine: (line) => void said.push(line),
  });
  const { probes } = JSON.parse(await worker.ready) as { probes: string };
  expect((await fetch(`${probes}/health/live`)).status).toBe(200);

  process.kill(temporal.pid ?? 0, 'SIGKILL');
  await temporal.exited;
  temporal = await start('after', 'somebody-else');

  // The SDK's workers never end then: waiting for them would keep the process running for ever.
  expect(await worker.exited).toMatchObject({ code: 1 });
  const last = said
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { level: number; msg: string; reason?: string })
    .filter(({ level }) => level === 60);
  expect(last[0]).toMatchObject({
    msg: 'the worker ends because a part of it has failed for good',
    reason: expect.stringMatching(/^(queue .*|a worker of Temporal has failed): The namespace \w+ does not exist at /),
  });
});
