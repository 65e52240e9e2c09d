import { describe, expect, test } from '@jest/globals';
import { WEEKDAYS } from '../time/working-time.ts';
import { type QuietHours, quietUntil } from './quiet-hours.ts';

const office: QuietHours = { timeZone: 'Europe/Berlin', days: WEEKDAYS.slice(0, 5), from: '08:00', to: '18:00' };
const night: QuietHours = { timeZone: 'UTC', days: ['friday'], from: '22:00', to: '06:00' };

describe('quiet hours', () => {
  test.each<[string, QuietHours | null, string, string | null]>([
    ['none are configured', null, '2026-03-02T12:00:00.000Z', null],
    ['before them', office, '2026-03-02T06:59:59.999Z', null],
    ['at their start', office, '2026-03-02T07:00:00.000Z', '2026-03-02T17:00:00.000Z'],
    ['at their end', office, '2026-03-02T17:00:00.000Z', null],
    ['in summer time', office, '2026-07-06T15:30:00.000Z', '2026-07-06T16:00:00.000Z'],
    ['on another day', office, '2026-03-01T12:00:00.000Z', null],
    ['in the evening of a night', night, '2026-03-06T23:00:00.000Z', '2026-03-07T06:00:00.000Z'],
    ['in the morning after that night', night, '2026-03-07T05:59:00.000Z', '2026-03-07T06:00:00.000Z'],
    ['in the morning before that night', night, '2026-03-06T05:59:00.000Z', null],
    ['until midnight', { ...night, to: '24:00' }, '2026-03-06T23:00:00.000Z', '2026-03-07T00:00:00.000Z'],
    [
      'of days that follow one another',
      { ...night, days: ['friday', 'saturday'], from: '00:00', to: '24:00' },
      '2026-03-06T12:00:00.000Z',
      '2026-03-08T00:00:00.000Z',
    ],
  ])('%s', (_title, quiet, at, until) => expect(quietUntil(at, quiet)).toBe(until));

  test('end within eight days, whatever is configured', () => {
    const always: QuietHours = { timeZone: 'UTC', days: WEEKDAYS, from: '00:00', to: '24:00' };
    expect(quietUntil('2026-03-02T12:00:00.000Z', always)).toBe('2026-03-10T00:00:00.000Z');
  });
});
