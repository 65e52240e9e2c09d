import { describe, expect, test } from '@jest/globals';
import { retryAfter } from './retry-after.ts';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('Retry-After (RFC 9110 section 10.2.3)', () => {
  test.each([
    ['seconds', '120', 120_000],
    ['no wait', '0', 0],
    ['a date', 'Sun, 01 Mar 2026 12:01:30 GMT', 90_000],
    ['a date of RFC 850', 'Sunday, 01-Mar-26 12:01:30 GMT', 90_000],
    ['a date of asctime', 'Sun Mar  1 12:01:30 2026', 90_000],
    ['a date that is over', 'Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['more than a day', '100000', 86_400_000],
    ['absent', undefined, null],
    ['empty', '', null],
    ['a negative number', '-1', null],
    ['a fraction', '1.5', null],
    ['a word', 'soon', null],
    ['a date of another kind', '2026-03-01T12:01:30Z', null],
  ])('%s', (_title, header, expected) => {
    expect(retryAfter(header, now)).toBe(expected);
  });
});
