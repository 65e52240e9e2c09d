import { describe, expect, it } from '@jest/globals';
import { pauseOfReceiver } from './pause-of-receiver.ts';

const since = '2026-03-02T09:00:00.000Z';
const after = (seconds: number): string => new Date(Date.parse(since) + seconds * 1000).toISOString();

describe('a receiver that fails', () => {
  it.each([
    [1, 0, null],
    [2, 10, null],
    [3, 0, 15],
    [3, 10, 25],
    [9, 0, 15],
    [4, 100, 200],
    [40, 80_000, 80_300],
  ])('%s times in a row within %s seconds is paused until second %s', (failures, now, until) => {
    expect(pauseOfReceiver({ failures, since }, null, after(now))).toBe(until === null ? null : after(until));
  });

  it('is paused for as long as it asks, at most an hour, from the first time on', () => {
    expect(pauseOfReceiver({ failures: 1, since }, 90_000, since)).toBe(after(90));
    expect(pauseOfReceiver({ failures: 3, since }, 1000, since)).toBe(after(15));
    expect(pauseOfReceiver({ failures: 1, since }, 7 * 86_400_000, since)).toBe(after(3600));
  });
});
