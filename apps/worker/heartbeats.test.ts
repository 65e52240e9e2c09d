import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { heartbeats } from './heartbeats.ts';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] }));
afterEach(() => void jest.useRealTimers());

/** Heartbeats of an activity that works for half a minute. */
async function heartbeatsOf(activityType: string, heartbeatTimeoutMs?: number): Promise<number> {
  const environment = new MockActivityEnvironment({ activityType, ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }) });
  let sent = 0;
  environment.on('heartbeat', () => {
    sent += 1;
  });
  const { promise: done, resolve: finish } = Promise.withResolvers<void>();
  const { execute } = heartbeats().inbound;
  const running = environment.run(async () => execute?.({ args: [], headers: {} }, () => done));
  await jest.advanceTimersByTimeAsync(30_000);
  finish();
  await running;
  await jest.advanceTimersByTimeAsync(30_000);
  return sent;
}

test.each(['decide', 'tendCases', 'advanceRequest', 'finishWave', 'planWave', 'workOnQuarantine', 'concludeReconciliation'])(
  '%s sends heartbeats for as long as it works, since the workflow expects them',
  async (activity) => {
    expect(await heartbeatsOf(activity, 10_000)).toBe(10);
  },
);

test('an activity that continues from the progress in its last heartbeat sends all of them itself', async () => {
  expect(await heartbeatsOf('applyWave', 30_000)).toBe(0);
});

test('an activity from which no heartbeats are expected sends none', async () => {
  expect([await heartbeatsOf('dueInQuarantine'), await heartbeatsOf('dueInQuarantine', 0)]).toEqual([0, 0]);
});
