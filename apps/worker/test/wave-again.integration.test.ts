import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Activities } from '@tenure/activities';
import { livesQueue } from '@tenure/workflows/queues';
import { batchReleasedSignal, type WaveInput, waveType, waveWorkflowId } from '@tenure/workflows/messages';
import { ownNamespace, workflowBundle } from './installation.ts';
import { recordHistories } from './record-histories.ts';

const none = (): void => undefined;
const quiet = { log: none, trace: none, debug: none, info: none, warn: none, error: none };

/** The workflow of a batch run by itself: its activities are simulated, so that an approval comes exactly where it is hardest. */
let connection: Connection;
let native: NativeConnection;
let namespace: string;
let client: Client;

beforeAll(async () => {
  const address = process.env['TENURE_TEST_TEMPORAL_ADDRESS'] ?? '';
  Runtime.install({ shutdownSignals: [], logger: quiet });
  namespace = await ownNamespace(address);
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  await recordHistories(client);
  await native.close();
  await connection.close();
});

type Played = Pick<Activities, 'planWave' | 'settleWave' | 'finishWave'>;

/** State of the batch as the database would keep it. */
interface Batch {
  readonly id: string;
  pending: number;
  carriedOut: number;
}

/** Approves a batch as an approval and the dispatcher do. */
async function release(batch: Batch): Promise<void> {
  batch.pending += 1;
  const input: WaveInput = { waveId: batch.id, correlationId: 'c', trigger: 'record' };
  await client.workflow.signalWithStart(waveType, {
    workflowId: waveWorkflowId(batch.id),
    taskQueue: livesQueue,
    args: [input],
    signal: batchReleasedSignal,
    signalArgs: [],
  });
}

/** @returns number of runs that it took */
async function play(batch: Batch, activities: Played): Promise<number> {
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue: livesQueue,
    workflowBundle,
    activities: activities as unknown as Record<string, never>,
  });
  return worker.runUntil(async () => {
    await release(batch);
    await client.workflow.getHandle(waveWorkflowId(batch.id)).result();
    const runs: string[] = [];
    for await (const { workflowId, runId } of client.workflow.list()) if (workflowId === waveWorkflowId(batch.id)) runs.push(runId);
    return runs.length;
  });
}

const carryOut = (batch: Batch): void => {
  batch.carriedOut += batch.pending;
  batch.pending = 0;
};

it.each(['before its last look', 'after its last look, before it ends'])('a release that comes %s is carried out by the same run', async (when) => {
  const batch: Batch = { id: randomUUID(), pending: 0, carriedOut: 0 };
  let finishing = 0;
  const runs = await play(batch, {
    planWave: async () => {
      carryOut(batch);
      return { upTo: null, people: 0, targets: [] };
    },
    settleWave: async () => ({ woken: 0 }),
    finishWave: async () => {
      finishing += 1;
      if (finishing === 1 && when === 'before its last look') await release(batch);
      const again = batch.pending > 0;
      if (finishing === 1 && when !== 'before its last look') await release(batch);
      return { again };
    },
  });
  expect(batch).toMatchObject({ pending: 0, carriedOut: 2 });
  expect([finishing, runs]).toEqual([2, 1]);
});

it('releases that come all the time, also while it goes on as a new run, are all carried out', async () => {
  const batch: Batch = { id: randomUUID(), pending: 0, carriedOut: 0 };
  const people = 160;
  let [released, slices] = [1, 0];
  const runs = await play(batch, {
    // A slice of one person each: the test run's Temporal suggests a new run at some 500 events.
    planWave: async ({ after }) => {
      slices += 1;
      if (after === null) carryOut(batch);
      if (slices % 7 === 0 && slices < people) {
        released += 1;
        await release(batch);
      }
      const next = after === null ? 1 : Number(after) + 1;
      return { upTo: next > people ? null : String(next), people: 1, targets: [] };
    },
    settleWave: async () => ({ woken: 0 }),
    finishWave: async () => ({ again: batch.pending > 0 }),
  });
  expect(runs).toBeGreaterThan(1);
  expect(batch).toMatchObject({ pending: 0, carriedOut: released });
});
