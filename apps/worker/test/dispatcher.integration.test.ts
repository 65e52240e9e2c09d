import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { createTestDatabase, type TestDatabase } from '@tenure/store/testing';
import { urgentQueue } from '@tenure/workflows/queues';
import { identityLifecycleType, urgentWorkflowId } from '@tenure/workflows/messages';
import { pino } from 'pino';
import { startDispatcher } from '../dispatcher.ts';
import { eventually } from './installation.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('hands an end to Temporal while a batch of others, for which Temporal does not answer, is being handed over', async () => {
  const [hired, leaver] = [randomUUID(), randomUUID()];
  const lives = Promise.withResolvers<void>();
  const handed: { readonly workflowId: string; readonly taskQueue: string }[] = [];
  // The simulated failure: a Temporal that is slow with each identity lifecycle workflow.
  const signalWithStart = (type: string, start: { workflowId: string; taskQueue: string }): Promise<void> => {
    handed.push(start);
    return type === identityLifecycleType ? lives.promise : Promise.resolve();
  };
  const client = { workflow: { signalWithStart } } as unknown as Client;
  const clock = (): string => new Date().toISOString();
  const add = (identityId: string, urgent: boolean) =>
    database.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'c', now: clock() }, (tx) =>
      tx.outbox.add({ identityId, trigger: 'record', urgent, correlationId: 'c', createdAt: clock() }),
    );
  await add(hired, false);
  const dispatcher = startDispatcher({ store: database.store, client, clock, logger: pino({ level: 'silent' }) });
  await eventually(async () => handed.length === 1);
  await add(leaver, true);
  dispatcher.nudge();
  await eventually(async () => handed.length === 2);
  expect(handed[1]).toMatchObject({ workflowId: urgentWorkflowId(leaver), taskQueue: urgentQueue });
  const [row] = await eventually(async () => {
    const rows = await database.execute(
      `select due_at >= created_at + interval '5 seconds' as waits from outbox where identity_id = ? and due_at is not null`,
      [leaver],
    );
    return rows.length === 1 ? rows : null;
  });
  expect(row).toEqual({ waits: true });
  lives.resolve();
  await dispatcher.stop();
});
