import { expect, test } from '@jest/globals';
import { collectGarbage } from './collect-garbage.ts';

test('frees what nobody holds any more', () => {
  const held = { things: Array.from({ length: 500_000 }, (_, index) => ({ index })) };
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  held.things = [];
  collectGarbage();
  expect(before - process.memoryUsage().heapUsed).toBeGreaterThan(5_000_000);
});
