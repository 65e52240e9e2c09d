import { addDays, instantAtTime, localDay } from '../time/dates.ts';
import { WEEKDAYS, type WorkingCalendar } from '../time/working-time.ts';
import type { Instant } from '../identity/facts.ts';

/** Hours in which a target is not read by itself. `to` at or before `from` is a time of the next day. */
export type QuietHours = Pick<WorkingCalendar, 'timeZone' | 'days' | 'from' | 'to'>;

/** End of the quiet hours in which an instant lies, exclusive; `null`: it is in none. Hours that follow one another count as one. */
export function quietUntil(at: Instant, quiet: QuietHours | null): Instant | null {
  if (quiet === null) return null;
  let end: Instant | null = null;
  // Seven days of quiet hours without a pause would be for ever.
  for (let step = 0; step < 8; step += 1) {
    const next = endOf(end ?? at, quiet);
    if (next === null) return end;
    end = next;
  }
  return end;
}

/** End of the hours that began today or yesterday and last at this instant. */
function endOf(at: Instant, { timeZone, days, from, to }: QuietHours): Instant | null {
  const today = localDay(at, timeZone).day;
  for (const ahead of [-1, 0]) {
    const { day, weekday } = addDays(today, ahead);
    if (!days.includes(WEEKDAYS[weekday - 1] ?? 'sunday')) continue;
    const start = instantAtTime(day, from, timeZone);
    const end = to === '24:00' ? instantAtTime(addDays(day, 1).day, '00:00', timeZone) : instantAtTime(to > from ? day : addDays(day, 1).day, to, timeZone);
    if (start !== null && end !== null && start <= at && at < end) return end;
  }
  return null;
}
