import { expect, test } from '@jest/globals';
import { createPrecedence } from './precedence.ts';

test('reconciliation waits while identity lifecycles are worked on, and not at all otherwise', async () => {
  let time = 0;
  const waits: number[] = [];
  const precedence = createPrecedence({
    now: () => time,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
    },
  });
  await precedence.giveWay(30);
  expect(waits).toEqual([]);
  precedence.note();
  time = 999;
  await precedence.giveWay(30);
  // A statement of seconds has kept the thread of the process for a moment only.
  await precedence.giveWay(5000);
  expect(waits).toEqual([30, 250]);
  time = 1000;
  await precedence.giveWay(30);
  expect(waits).toHaveLength(2);
});
