import { isDate, isTimeZone } from '../time/dates.ts';
import type { PolicyDocument } from './policy.ts';
import type { PolicyProblem } from './policy-invalid.ts';

/** Checks calendars: known zones, valid days, hours that end after they begin, and some working time. */
export function checkCalendars({ calendars = {} }: PolicyDocument): PolicyProblem[] {
  return Object.entries(calendars).flatMap(([name, { timeZone, from, to, holidays }]) => {
    const path = ['calendars', name];
    return [
      ...(isTimeZone(timeZone) ? [] : [{ path: [...path, 'timeZone'], message: `"${timeZone}" is no IANA time zone; write it like Europe/Berlin` }]),
      ...(from < to ? [] : [{ path: [...path, 'hours'], message: `ends at ${to}, which is not after ${from}` }]),
      ...holidays.flatMap((day, index) =>
        isDate(day) ? [] : [{ path: [...path, 'holidays', index], message: `"${day}" is no day; write it like 2026-12-25` }],
      ),
    ];
  });
}
