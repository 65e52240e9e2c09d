import { addDays, addDuration, instantAtTime, localDay, splitDuration, toInstant } from './dates.ts';
import type { Instant } from '../identity/facts.ts';

/** Days of the week by their names in a policy, in the order of ISO 8601. */
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Calendar of working time, in which durations are counted. */
export interface WorkingCalendar {
  /** IANA name of the zone in which its days begin and end. */
  readonly timeZone: string;
  readonly days: readonly Weekday[];
  /** Start of work, `HH:MM`. */
  readonly from: string;
  /** End of work, `HH:MM` of the same day, later than `from`; `24:00` is the end of the day. */
  readonly to: string;
  /** Days (`YYYY-MM-DD`) without work. */
  readonly holidays: readonly string[];
}

/** One working day with its start and end, exclusive, in milliseconds since 1970. */
interface Window {
  readonly day: string;
  readonly start: number;
  readonly end: number;
}

/** Most days that are searched, about ten years. */
const MOST_DAYS = 4_000;
const NEVER = toInstant(Number.MAX_SAFE_INTEGER);

/** Due time after a duration: in working time if there is a calendar, otherwise in calendar days of `timeZone`. */
export function dueAfter(at: Instant, duration: string, timeZone: string, calendar?: WorkingCalendar): Instant {
  return calendar === undefined ? addDuration(at, duration, timeZone) : addWorkingTime(at, duration, calendar);
}

/**
 * Adds working time. A day is the next working day at the same time of day, hours are hours of work: `PT4H` from Friday 15:00 ends on
 * Monday at 11:00 if work is from nine to five. A start outside working time counts from the next working day.
 * @param duration ISO 8601 with days and smaller only (`P3D`, `PT8H`): see `isWorkingDuration`
 */
export function addWorkingTime(at: Instant, duration: string, calendar: WorkingCalendar): Instant {
  const parts = splitDuration(duration);
  if (parts === null) throw new RangeError(`${duration} cannot be counted in working time`);
  const windows = workingDays(at, calendar);
  const first = windows.next().value;
  if (first === undefined) return NEVER;
  let window: Window = first;
  let position = Math.max(Date.parse(at), window.start);
  for (let day = 0; day < parts.days; day += 1) {
    const next = windows.next().value;
    if (next === undefined) return NEVER;
    const sameTime = instantAtTime(next.day, localDay(toInstant(position), calendar.timeZone).time, calendar.timeZone);
    window = next;
    position = sameTime === null ? window.start : Math.min(Math.max(Date.parse(sameTime), window.start), window.end);
  }
  let left = parts.milliseconds;
  while (left > window.end - position) {
    left -= window.end - position;
    const next = windows.next().value;
    if (next === undefined) return NEVER;
    window = next;
    position = window.start;
  }
  return toInstant(position + left);
}

/** True if a duration can be counted in working time, which has no weeks, months or years. */
export function isWorkingDuration(duration: string): boolean {
  return splitDuration(duration) !== null;
}

/** Working days that have not ended at `at`, in order. */
function* workingDays(at: Instant, { timeZone, days, from, to, holidays }: WorkingCalendar): Generator<Window, undefined> {
  const free = new Set(holidays);
  const first = localDay(at, timeZone).day;
  for (let ahead = 0; ahead < MOST_DAYS; ahead += 1) {
    const day = addDays(first, ahead);
    if (free.has(day.day) || !days.includes(WEEKDAYS[day.weekday - 1] ?? 'sunday')) continue;
    const start = instantAtTime(day.day, from, timeZone);
    const end = to === '24:00' ? instantAtTime(addDays(day.day, 1).day, '00:00', timeZone) : instantAtTime(day.day, to, timeZone);
    // A zone that crossed the date line lacks a day, and a clock change may remove a short one.
    if (start === null || end === null || end <= start || end <= at) continue;
    yield { day: day.day, start: Date.parse(start), end: Date.parse(end) };
  }
  return undefined;
}
