import { expect, it } from '@jest/globals';
import { watchParts } from '@tenure/telemetry';
import { workerParts } from './worker-parts.ts';

type Queues = Parameters<typeof workerParts>[0]['queues'];

/** Status of Temporal's workers: the real one is in test/lost-temporal.integration.test.ts. */
const queuesOf = (status: Readonly<Record<string, string>>): Queues => ({
  tenure: {
    getStatus: () => ({ runState: 'RUNNING', workflowPollerState: 'POLLING', activityPollerState: 'POLLING', ...status }),
  } as unknown as Queues[string],
});

it.each([
  ['all is well', {}, 0, {}],
  ['a worker is stopping, as it was asked to', { runState: 'DRAINING', workflowPollerState: 'SHUTDOWN' }, 0, {}],
  ['a worker has failed', { runState: 'FAILED' }, 0, { 'queue tenure': 'its worker has failed' }],
  ['it polls no longer, though it runs', { activityPollerState: 'FAILED' }, 0, { 'queue tenure': 'its worker polls no longer' }],
  ['a look does not come back', {}, 660_000, { 'delivery of the outbox': 'one look has taken 11 minutes and does not come back' }],
])('%s', (_what, status, underWay, expected) => {
  const parts = workerParts({ queues: queuesOf(status) }, { 'delivery of the outbox': { underWay: () => underWay } });
  const found = Object.entries(parts).flatMap(([name, check]) => (check() === null ? [] : [[name, check()]]));
  expect(Object.fromEntries(found)).toEqual(expected);
});

it('is told once, of the first part', async () => {
  const told = await new Promise<string>((resolve) =>
    watchParts({ parts: () => ({ well: () => null, 'queue tenure': () => 'its worker has failed' }), failed: resolve, every: 1 }),
  );
  expect(told).toBe('queue tenure: its worker has failed');
});
