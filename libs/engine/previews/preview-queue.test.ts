import { expect, test } from '@jest/globals';
import type { Configuration } from '@tenure/config';
import type { PreviewJob } from './messages.ts';
import { createPreviewQueue, type PreviewLimits } from './preview-queue.ts';

const configuration = { attributes: {}, targets: {} } as unknown as Configuration;
const people = { page: async () => [], accounts: async () => new Map() };
const limits: PreviewLimits = { computing: 60_000, deadline: 120_000, memory: 256, mostOfCaller: 3, most: 5 };
/** A job whose result does not matter. */
const job = {
  kind: 'plan',
  policy: { version: 1, document: { attributes: {}, entitlements: {}, roles: {}, birthright: [], groups: [], lifecycle: [], separation: [] }, managed: {} },
  files: [{ name: 'access.yaml', content: 'no policy' }],
  now: '2026-03-01T12:00:00.000Z',
} as unknown as PreviewJob & { kind: 'plan' };

const outcomes = (asked: readonly Promise<unknown>[]) =>
  Promise.all(
    asked.map((one) =>
      one.then(
        () => 'asked',
        (error: { code?: string }) => (error.code === 'RATE_LIMITED' ? error.code : 'asked'),
      ),
    ),
  );

test('one caller has a few under way, and all together a few more; who waits gets a turn', async () => {
  const queue = createPreviewQueue(configuration, people, limits);
  const ended: string[] = [];
  const ask = (caller: string) => queue.ask(caller, job).finally(() => ended.push(caller));
  const asked = ['ann', 'ann', 'ann', 'ann', 'ben', 'cem', 'dan'].map(ask);
  expect(await outcomes(asked)).toEqual(['asked', 'asked', 'asked', 'RATE_LIMITED', 'asked', 'asked', 'RATE_LIMITED']);
  // The two that were refused at once, then by turns.
  expect(ended).toEqual(['ann', 'dan', 'ann', 'ben', 'ann', 'cem', 'ann']);
  await queue.close();
}, 60_000);

test('whoever waits when the process stops is told', async () => {
  const queue = createPreviewQueue(configuration, people, limits);
  const asked = [queue.ask('ann', job), queue.ask('ben', job)];
  const told = outcomes(asked);
  await queue.close();
  expect((await told)[1]).toBe('RATE_LIMITED');
});
