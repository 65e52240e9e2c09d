import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { lookAtCluster } from '../cluster/look-at-cluster.ts';
import { pino } from 'pino';
import { watchCluster } from '../watch-cluster.ts';

const address = process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '';
let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address });
});
afterAll(() => connection.close());

test('a running worker whose Temporal has lost its data makes it fit again and starts all lives, once', async () => {
  const wanted = { address, namespace: `watched-${process.pid}`, retention: null };
  const log: { level: number; msg: string; gaps?: string[] }[] = [];
  const logger = pino({}, { write: (line) => void log.push(JSON.parse(line)) });
  let restarts = 0;
  const onNew = async (): Promise<void> => {
    restarts += 1;
  };
  const watched = watchCluster({ connection, wanted, logger, every: 3_600_000, onNew });
  // Without the namespace the worker ends by itself; its successor creates it.
  await watched.look();
  await watched.look();
  expect(log.map(({ level, gaps }) => [level, gaps])).toEqual([[50, [expect.stringContaining(`The namespace ${wanted.namespace} does not exist`)]]]);
  expect(restarts).toBe(0);
  // A server that creates its namespace by itself when it starts with an empty store.
  await connection.workflowService.registerNamespace({ namespace: wanted.namespace, workflowExecutionRetentionPeriod: { seconds: 86_400 } as never });
  while ((await lookAtCluster(connection, wanted)).gaps.some(({ kind }) => kind === 'namespace'));
  await watched.look();
  await watched.look();
  watched.stop();
  expect(restarts).toBe(1);
  expect((await lookAtCluster(connection, wanted)).gaps).toEqual([]);
  expect(log.map(({ msg }) => msg).slice(1)).toEqual([
    expect.stringMatching(/^The search attributes .* were registered/),
    'the Temporal namespace has what Tenure needs',
  ]);
});
