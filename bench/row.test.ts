import { describe, expect, it } from '@jest/globals';
import { percentile, rowOf } from './row.ts';

describe('rows', () => {
  it('takes percentiles from what was measured, never between', () => {
    const times = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(times, 0.5)).toBe(50);
    expect(percentile(times, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('says how often the floor fits into a figure', () => {
    const floor = rowOf('floor', { times: [1, 1, 1, 1], elapsed: 4 });
    expect(floor).toMatchObject({ n: 4, p50: 1, perSecond: 1000, ratio: null });
    expect(rowOf('slow', { times: [3, 3], elapsed: 6 }, floor)).toMatchObject({ floor: 'floor', ratio: 3 });
    expect(rowOf('side by side', { times: [8, 8, 8, 8], elapsed: 8 }, floor, 'perSecond')).toMatchObject({ perSecond: 500, ratio: 2 });
  });
});
