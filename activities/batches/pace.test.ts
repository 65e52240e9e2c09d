import { expect, test } from '@jest/globals';
import { ConnectorRefused, ConnectorUnavailable } from '@tenure/domain';
import { longestPause, pace } from './pace.ts';

/** A clock that stands still unless somebody waits. */
function clock() {
  let time = 0;
  return {
    now: () => time,
    wait: async (milliseconds: number) => {
      time += milliseconds;
    },
  };
}
const busy = (retryAfter: number | null) => new ConnectorUnavailable('crm: it answered HTTP 429', { target: 'crm' }, { retryAfter });

test('no more calls begin in a second than the target takes', async () => {
  const time = clock();
  const turn = pace(10, time);
  for (let call = 0; call < 21; call += 1) await turn.next();
  expect(time.now()).toBeGreaterThanOrEqual(1000);
});

test('Retry-After of one call holds back all that follow in the batch', async () => {
  const time = clock();
  const turn = pace(1000, time);
  await turn.next();
  turn.heed(busy(7000));
  await turn.next();
  expect(time.now()).toBeGreaterThanOrEqual(7000);
});

test('a pause is bounded: what a target asks for beyond it, the next attempt waits for', async () => {
  const time = clock();
  const turn = pace(1000, time);
  turn.heed(busy(3_600_000));
  await turn.next();
  expect(time.now()).toBe(longestPause);
});

test.each([undefined, busy(null), new ConnectorRefused('crm: no', { target: 'crm' })])('nothing is waited for that nobody asked for (%#)', async (error) => {
  const time = clock();
  const turn = pace(1000, time);
  turn.heed(error);
  await turn.next();
  expect(time.now()).toBe(0);
});

test('no wait is negative, also when time passes between two looks at the clock', async () => {
  const waits: number[] = [];
  let time = 0;
  const turn = pace(1000, {
    now: () => (time += 0.4),
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      time += milliseconds;
    },
  });
  turn.heed(busy(1));
  for (let call = 0; call < 200; call += 1) await turn.next();
  expect(waits.length).toBeGreaterThan(0);
  expect(Math.min(...waits)).toBeGreaterThan(0);
});
