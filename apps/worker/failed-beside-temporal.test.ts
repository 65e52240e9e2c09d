import { expect, test } from '@jest/globals';
import { failedBesideTemporal } from './failed-beside-temporal.ts';

const gap = 'The namespace tenure does not exist at 127.0.0.1:7233 (TEMPORAL_NAMESPACE).';

test.each([
  ['lacks its namespace', async () => gap, `a worker of Temporal has failed: ${gap}`],
  ['does not answer', async () => Promise.reject(new Error('14 UNAVAILABLE')), 'a worker of Temporal has failed: Temporal does not answer'],
  ['has all that lives need', async () => 'ok', 'a worker of Temporal has failed'],
])('a worker ends with a reason that names what is wrong with a Temporal that %s', async (_which, temporal, expected) => {
  const reasons: unknown[] = [];
  const error = new Error('Worker still in use');
  await failedBesideTemporal((...said) => void reasons.push(said), temporal)('a worker of Temporal has failed', error);
  expect(reasons).toEqual([[expected, error]]);
});
