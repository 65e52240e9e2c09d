import { expect, it } from '@jest/globals';
import { atIntervals } from './at-intervals.ts';

it('does not begin again what is under way, tells how long it has been, and stops when it is done', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let begun = 0;
  const repeated = atIntervals(async () => {
    begun += 1;
    await promise;
  }, 3_600_000);
  expect(repeated.underWay()).toBe(0);
  repeated.now();
  repeated.now();
  expect(begun).toBe(1);
  expect(repeated.underWay()).toBeGreaterThan(0);
  resolve();
  await repeated.stop();
  expect(repeated.underWay()).toBe(0);
  repeated.now();
  expect(begun).toBe(2);
});
