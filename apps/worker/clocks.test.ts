import { expect, it } from '@jest/globals';
import { polledAt } from './clocks.ts';

const minute = 60_000;

it.each([
  ['a poll of a moment ago', -5_000, 0],
  ['one that began a minute ago', -minute, 0],
  ['one in the future: the other clock is ahead', 3 * minute, 3 * minute],
  ['one of long ago: the other clock is behind, by that less the time that a poll may take', -4 * minute, -4 * minute + 75_000],
])('%s', (_what, poll, ahead) => {
  const now = 1_700_000_000_000;
  expect(polledAt(now + poll, now, now)).toBe(ahead);
});
