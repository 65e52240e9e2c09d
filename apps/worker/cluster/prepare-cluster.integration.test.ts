import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { lookAtCluster, type WantedCluster } from './look-at-cluster.ts';
import { prepareCluster } from './prepare-cluster.ts';

const address = process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '';
const day = 86_400_000;
const mayCreateNamespace = true;
let connection: Connection;
let count = 0;
const fresh = (retention: number | null = null): WantedCluster => ({ address, namespace: `prepare-${process.pid}-${(count += 1)}`, retention });
const types = { Keyword: 2, Double: 4 };
const register = (namespace: string) =>
  connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: 86_400 } as never });

beforeAll(async () => {
  connection = await Connection.connect({ address });
});
afterAll(() => connection.close());

test('an empty cluster is told apart, prepared, and left alone from then on', async () => {
  const wanted = fresh();
  const { gaps } = await lookAtCluster(connection, wanted);
  expect(gaps.map(({ sentence }) => sentence)).toEqual([`The namespace ${wanted.namespace} does not exist at ${address} (TEMPORAL_NAMESPACE).`]);
  expect(await prepareCluster(connection, wanted, { mayCreateNamespace })).toMatchObject({
    gaps: [],
    isNew: true,
    retention: 30 * day,
    made: [
      `The namespace ${wanted.namespace} was created; closed workflows are kept there for 30 days.`,
      `The search attributes TenureIdentity, TenureStage, TenureTrigger, TenureDueAt were registered in the namespace ${wanted.namespace}.`,
    ],
  });
  expect(await prepareCluster(connection, wanted, { mayCreateNamespace })).toMatchObject({ gaps: [], made: [], isNew: false });
  expect((await lookAtCluster(connection, wanted)).gaps).toEqual([]);
});

test('several processes prepare one cluster at once', async () => {
  const wanted = fresh(3 * day);
  const prepared = await Promise.all(Array.from({ length: 4 }, () => prepareCluster(connection, wanted, { mayCreateNamespace })));
  expect(prepared.map(({ gaps }) => gaps)).toEqual([[], [], [], []]);
  expect(prepared.filter(({ made }) => made.some((sentence) => sentence.includes('was created')))).toHaveLength(1);
});

test('a namespace is not created where nobody would notice that it is misspelt', async () => {
  const wanted = fresh();
  const { gaps, made } = await prepareCluster(connection, wanted, { mayCreateNamespace: false });
  expect(made).toEqual([]);
  expect(gaps[0]?.sentence).toMatch(/^The namespace .* does not exist .* npm run temporal:prepare creates it\.$/);
  expect((await lookAtCluster(connection, wanted)).gaps).toHaveLength(1);
});

test('a search attribute that is missing or of another type is named, and the missing one made', async () => {
  const wanted = fresh();
  await register(wanted.namespace);
  await connection.operatorService.addSearchAttributes({
    namespace: wanted.namespace,
    searchAttributes: { TenureStage: types.Double, TenureIdentity: types.Keyword, TenureTrigger: types.Keyword },
  });
  const { gaps, made, isNew } = await prepareCluster(connection, wanted, { mayCreateNamespace });
  expect(made).toEqual([`The search attributes TenureDueAt were registered in the namespace ${wanted.namespace}.`]);
  expect(isNew).toBe(false);
  expect(gaps.map(({ sentence }) => sentence)).toEqual([
    expect.stringMatching(/^The search attribute TenureStage .* is a Double and has to be a Keyword: .* search-attribute remove/),
  ]);
});

test('retention is changed where it is set, and only there', async () => {
  const wanted = fresh();
  await register(wanted.namespace);
  expect(await prepareCluster(connection, wanted, { mayCreateNamespace })).toMatchObject({ retention: day, gaps: [] });
  const longer = { ...wanted, retention: 30 * day };
  expect((await lookAtCluster(connection, longer)).gaps).toEqual([
    expect.objectContaining({ kind: 'retention', stopsLives: false, sentence: expect.stringMatching(/for one day, and TEMPORAL_RETENTION says 30 days/) }),
  ]);
  expect(await prepareCluster(connection, longer, { mayCreateNamespace })).toMatchObject({ retention: 30 * day, gaps: [] });
});

test('a server that is too old is named with the versions that are not', async () => {
  const wanted = fresh();
  await prepareCluster(connection, wanted, { mayCreateNamespace });
  // Plays an older server; all the rest is the real one.
  const as = (serverVersion: string) => {
    const workflowService = Object.assign(Object.create(connection.workflowService), { getSystemInfo: async () => ({ serverVersion }) });
    return lookAtCluster({ workflowService, operatorService: connection.operatorService }, wanted);
  };
  expect((await as('1.27.3')).gaps.map(({ sentence }) => sentence)).toEqual([
    `The Temporal server at ${address} is version 1.27.3. Tenure needs 1.28 or newer, and is tried with 1.32.0: upgrade the server.`,
  ]);
  for (const version of ['1.28.0', 'v1.31.0-148.0', '2.0.0', 'unknown', '']) expect((await as(version)).gaps).toEqual([]);
});
