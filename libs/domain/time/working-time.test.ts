import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { localDay } from './dates.ts';
import { addWorkingTime, dueAfter, isWorkingDuration, WEEKDAYS, type WorkingCalendar } from './working-time.ts';

const office: WorkingCalendar = {
  timeZone: 'Europe/Berlin',
  days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  from: '09:00',
  to: '17:00',
  // Good Friday and Easter Monday.
  holidays: ['2026-04-03', '2026-04-06'],
};
const nights: WorkingCalendar = { ...office, days: [...WEEKDAYS], from: '00:00', to: '08:00', holidays: [] };

describe('working time', () => {
  // 2026-03-02 is a Monday; Berlin is one hour ahead of UTC until 29 March, two from then on, and one again from 25 October on.
  test.each([
    ['hours within a day', office, '2026-03-02T09:00:00.000Z', 'PT4H', '2026-03-02T13:00:00.000Z'],
    ['a whole day of hours ends with that day', office, '2026-03-02T08:00:00.000Z', 'PT8H', '2026-03-02T16:00:00.000Z'],
    ['hours go on with the next day', office, '2026-03-02T14:00:00.000Z', 'PT4H', '2026-03-03T10:00:00.000Z'],
    ['hours go on after the weekend', office, '2026-03-06T14:00:00.000Z', 'PT4H', '2026-03-09T10:00:00.000Z'],
    ['a day is the next working day at that time', office, '2026-03-02T10:30:00.500Z', 'P1D', '2026-03-03T10:30:00.500Z'],
    ['days pass over the weekend', office, '2026-03-05T10:00:00.000Z', 'P3D', '2026-03-10T10:00:00.000Z'],
    ['days and hours', office, '2026-03-05T15:00:00.000Z', 'P1DT2H', '2026-03-09T09:00:00.000Z'],
    ['what begins at night begins in the morning', office, '2026-03-02T22:00:00.000Z', 'PT1H', '2026-03-03T09:00:00.000Z'],
    ['what begins before work begins with it', office, '2026-03-02T03:00:00.000Z', 'PT1H', '2026-03-02T09:00:00.000Z'],
    ['what begins as work ends begins with the next day', office, '2026-03-02T16:00:00.000Z', 'PT1H', '2026-03-03T09:00:00.000Z'],
    ['what begins on Saturday begins on Monday', office, '2026-03-07T10:00:00.000Z', 'P1D', '2026-03-10T08:00:00.000Z'],
    ['holidays are none of it', office, '2026-04-03T10:00:00.000Z', 'PT1H', '2026-04-07T08:00:00.000Z'],
    ['hours pass over holidays beside a weekend', office, '2026-04-02T14:00:00.000Z', 'PT3H', '2026-04-07T09:00:00.000Z'],
    ['days pass over holidays beside a weekend', office, '2026-04-01T10:00:00.000Z', 'P2D', '2026-04-07T10:00:00.000Z'],
    ['a day keeps its time over the change to summer time', office, '2026-03-27T10:00:00.000Z', 'P1D', '2026-03-30T09:00:00.000Z'],
    ['and over the change back', office, '2026-10-23T09:00:00.000Z', 'P1D', '2026-10-26T10:00:00.000Z'],
    ['the night in which clocks go forward has an hour less', nights, '2026-03-28T23:00:00.000Z', 'PT8H', '2026-03-29T23:00:00.000Z'],
    ['the night in which they go back has one more', nights, '2026-10-24T22:00:00.000Z', 'PT9H', '2026-10-25T07:00:00.000Z'],
    ['until midnight', { ...office, to: '24:00' }, '2026-03-02T22:00:00.000Z', 'PT2H', '2026-03-03T09:00:00.000Z'],
    ['far east it is the next day already', { ...office, timeZone: 'Pacific/Kiritimati' }, '2026-03-01T19:00:00.000Z', 'PT1H', '2026-03-01T20:00:00.000Z'],
    ['a day that a zone left out', { ...nights, timeZone: 'Pacific/Apia' }, '2011-12-30T09:00:00.000Z', 'PT1H', '2011-12-30T11:00:00.000Z'],
    ['nothing begins with the next working instant', office, '2026-03-07T10:00:00.000Z', 'PT0S', '2026-03-09T08:00:00.000Z'],
    ['what no calendar reaches', { ...office, days: [] }, '2026-03-07T10:00:00.000Z', 'PT1H', '9999-12-31T23:59:59.999Z'],
  ])('%s', (_, calendar, at, duration, expected) => {
    expect(addWorkingTime(at, duration, calendar)).toBe(expected);
  });

  test('is asked for by a calendar; without one the days of a zone count', () => {
    expect(dueAfter('2026-03-27T10:00:00.000Z', 'P2D', 'Europe/Berlin')).toBe('2026-03-29T09:00:00.000Z');
    expect(dueAfter('2026-03-27T10:00:00.000Z', 'P2D', 'Europe/Berlin', office)).toBe('2026-03-31T09:00:00.000Z');
  });

  test.each([
    ['P3D', true],
    ['PT90M', true],
    ['P1W', false],
    ['P1M', false],
    ['P1Y', false],
    ['tomorrow', false],
  ])('%s can be counted in it: %s', (duration, can) => expect(isWorkingDuration(duration)).toBe(can));
});

test('property: what is due is due within working time, never before it was asked, and later when asked later', () => {
  const minutes = fc.integer({ min: 0, max: 60 * 24 * 400 }).map((count) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + count * 60_000).toISOString());
  const calendars = fc.record({
    timeZone: fc.constantFrom('Europe/Berlin', 'America/Los_Angeles', 'Australia/Lord_Howe', 'UTC'),
    days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    from: fc.constantFrom('00:00', '02:30', '09:00'),
    to: fc.constantFrom('12:00', '17:00', '24:00'),
    holidays: fc.subarray(['2026-03-29', '2026-04-03', '2026-10-25', '2026-12-25']),
  });
  fc.assert(
    fc.property(calendars, minutes, minutes, fc.nat(9), fc.integer({ min: 0, max: 2000 }), (calendar, one, other, days, more) => {
      const duration = `P${days}DT${more}M`;
      const [early, late] = [one, other].sort() as [string, string];
      const [first, second] = [addWorkingTime(early, duration, calendar), addWorkingTime(late, duration, calendar)];
      expect(first >= early && first <= second).toBe(true);
      const { day, weekday, time } = localDay(first, calendar.timeZone);
      const isOver = time === '00:00:00' && calendar.to === '24:00';
      if (!isOver) {
        expect(calendar.days).toContain(WEEKDAYS[weekday - 1]);
        expect(calendar.holidays).not.toContain(day);
      }
    }),
    { numRuns: 150 },
  );
});
