import { describe, expect, test } from '@jest/globals';
import type { Relationship } from '../identity/facts.ts';
import { endAhead, grantedUntil } from './granted-until.ts';

const bound = (at: string) => ({ at: `${at}T00:00:00.000Z`, recordId: 'r', by: 'date' as const });
const time = (start: string | null, end: string | null): Relationship => ({
  start: start === null ? null : bound(start),
  end: end === null ? null : bound(end),
});
const at = (day: string) => `${day}T00:00:00.000Z`;
const now = at('2026-03-01');
const grant = (validFrom: string, validUntil: string | null) => ({ validFrom: at(validFrom), validUntil: validUntil === null ? null : at(validUntil) });

describe('until when something is held', () => {
  test.each([
    ['no end of its own, the person has one: the end of the person', grant('2026-01-01', null), [time(null, '2026-07-01')], at('2026-07-01')],
    ['a later end of its own: the end of the person', grant('2026-01-01', '2027-01-01'), [time(null, '2026-07-01')], at('2026-07-01')],
    ['a sooner end of its own', grant('2026-01-01', '2026-04-01'), [time(null, '2026-07-01')], at('2026-04-01')],
    ['the person has no end: its own', grant('2026-01-01', '2026-04-01'), [time('2025-01-01', null)], at('2026-04-01')],
    ['neither has one: no end', grant('2026-01-01', null), [time('2025-01-01', null)], null],
    ['nothing is known of the person', grant('2026-01-01', null), [], null],
    [
      'a contract follows without a gap: the later end',
      grant('2026-01-01', null),
      [time(null, '2026-07-01'), time('2026-07-01', '2026-12-01')],
      at('2026-12-01'),
    ],
    [
      'a contract follows after a gap: the end that comes first',
      grant('2026-01-01', null),
      [time(null, '2026-07-01'), time('2026-09-01', null)],
      at('2026-07-01'),
    ],
    ['given for the contract ahead: that one’s end', grant('2026-09-01', null), [time(null, '2026-07-01'), time('2026-09-01', '2027-01-01')], at('2027-01-01')],
    [
      'held since an earlier contract: the end of this one',
      grant('2024-01-01', null),
      [time('2024-01-01', '2025-01-01'), time('2026-01-01', '2026-08-01')],
      at('2026-08-01'),
    ],
    ['a hire that was called off is no time', grant('2026-01-01', null), [time('2026-05-01', '2026-04-01'), time(null, '2026-07-01')], at('2026-07-01')],
  ])('%s', (_title, given, relationships, expected) => {
    expect(grantedUntil(given, { relationships }, now)).toBe(expected);
  });

  test('an end that has come is over at that instant', () => {
    expect(endAhead({ relationships: [time(null, '2026-03-01')] }, now)).toBeNull();
    expect(endAhead({ relationships: [time(null, '2026-03-01')] }, at('2026-02-28'))).toBe(now);
  });
});
