import { describe, expect, test } from '@jest/globals';
import {
  addDuration,
  durationToMilliseconds,
  earliest,
  instantOf,
  isDate,
  isDuration,
  isTimeZone,
  parseInstant,
  subtractDuration,
  toInstant,
} from './dates.ts';

describe('instantOf', () => {
  test.each([
    ['a day starts at midnight there', '2026-03-01', 'start', 'Europe/Berlin', '2026-02-28T23:00:00.000Z'],
    ['a day ends where the next begins', '2026-03-31', 'end', 'Europe/Berlin', '2026-03-31T22:00:00.000Z'],
    ['the day the clocks go forward has 23 hours', '2026-03-29', 'end', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
    ['the day they go back has 25', '2026-10-25', 'end', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
    ['where midnight is skipped, the day starts later', '2018-11-04', 'start', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
    ['west of Greenwich the day ends the next day in UTC', '2026-06-30', 'end', 'America/Los_Angeles', '2026-07-01T07:00:00.000Z'],
    ['far east', '2026-06-30', 'end', 'Pacific/Kiritimati', '2026-06-30T10:00:00.000Z'],
    ['leap day', '2028-02-29', 'end', 'UTC', '2028-03-01T00:00:00.000Z'],
    ['an instant is exact', '2026-03-01T12:00:00+02:00', 'end', 'America/New_York', '2026-03-01T10:00:00.000Z'],
    ['the last day there is', '9999-12-31', 'end', 'UTC', '9999-12-31T23:59:59.999Z'],
  ] as const)('%s', (_, value, edge, timeZone, expected) => {
    expect(instantOf(value, edge, timeZone)).toBe(expected);
  });

  test.each(['', 'tomorrow', '2026-02-30', '2026-1-1', '2026-03-01T12:00:00', 5, null, undefined])('%p is no instant', (value) => {
    expect(instantOf(value, 'end', 'UTC')).toBeNull();
  });
});

test.each([
  ['a day across the change is a calendar day', '2026-03-28T11:00:00.000Z', 'P1D', '2026-03-29T10:00:00.000Z'],
  ['hours are exact', '2026-03-28T11:00:00.000Z', 'PT24H', '2026-03-29T11:00:00.000Z'],
  ['a month from its last day', '2026-01-31T12:00:00.000Z', 'P1M', '2026-02-28T12:00:00.000Z'],
  ['beyond the end of time', '2026-01-31T12:00:00.000Z', 'P99999Y', '9999-12-31T23:59:59.999Z'],
])('adds durations: %s', (_, at, duration, expected) => {
  expect(addDuration(at, duration, 'Europe/Berlin')).toBe(expected);
});

test('takes durations away', () => {
  expect(subtractDuration('2026-03-30T10:00:00.000Z', 'P2D', 'Europe/Berlin')).toBe('2026-03-28T11:00:00.000Z');
});

test.each([
  ['PT5S', 5000],
  ['P1D', 86_400_000],
  ['P1W', 604_800_000],
  ['PT0S', 0],
  ['P1M', null],
  ['P1Y', null],
  ['-PT5S', null],
  ['5s', null],
  ['', null],
])('%s has %p milliseconds', (text, expected) => {
  expect(durationToMilliseconds(text)).toBe(expected);
});

test('tells durations, days and zones from other texts', () => {
  expect(['P30D', 'PT20S', 'P1Y2M3DT4H', 'P1W'].every(isDuration)).toBe(true);
  expect(['P', 'PT', '-P1D', '30D', 'P1X', 'p1d', 'P1H'].some(isDuration)).toBe(false);
  expect([isDate('2026-02-28'), isDate('2026-02-29'), isTimeZone('Europe/Berlin'), isTimeZone('Europe/Atlantis')]).toEqual([true, false, true, false]);
});

test('the earliest of nothing is never', () => {
  expect([earliest(), earliest(null, 'b', 'a', null), parseInstant('2026-03-01T00:00Z'), toInstant(-1e18)]).toEqual([
    null,
    'a',
    '2026-03-01T00:00:00.000Z',
    '0000-01-01T00:00:00.000Z',
  ]);
});
