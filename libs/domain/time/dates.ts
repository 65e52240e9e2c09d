import { Temporal } from 'temporal-polyfill';
import type { Instant } from '../identity/facts.ts';

/** First and last instant: instants compare as text only within four-digit years. */
const FIRST = Date.parse('0000-01-01T00:00:00.000Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');

/** Converts milliseconds since 1970 to an instant; a time outside the years 0 to 9999 becomes the first or the last instant. */
export function toInstant(milliseconds: number): Instant {
  return new Date(Math.min(Math.max(milliseconds, FIRST), LAST)).toISOString();
}

/** Parses an RFC 3339 text with a zone and normalises it to UTC with milliseconds; `null` if it is none. */
export function parseInstant(text: string): Instant | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return null;
  try {
    return toInstant(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    return null;
  }
}

/** True if a text is a calendar day, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  try {
    Temporal.PlainDate.from(text, { overflow: 'reject' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Converts the value of a fact to an instant. An instant is exact. A day (`YYYY-MM-DD`) is a day in `timeZone`: its `start`, or its
 * `end`, which is the start of the next day, so that the whole last day counts.
 * @param timeZone IANA name
 * @returns `null` if the value is neither
 */
export function instantOf(value: unknown, edge: 'start' | 'end', timeZone: string): Instant | null {
  if (typeof value !== 'string') return null;
  const key = `${edge} ${timeZone} ${value}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  const at = isDate(value) ? dayBound(value, edge, timeZone) : parseInstant(value);
  if (instants.size >= MOST_INSTANTS) instants.clear();
  instants.set(key, at);
  return at;
}

/** Cache: computing in time zones is the most expensive part of a decision, and a batch uses the same few days repeatedly. */
const instants = new Map<string, Instant | null>();
const MOST_INSTANTS = 10_000;

function dayBound(value: string, edge: 'start' | 'end', timeZone: string): Instant {
  const day = Temporal.PlainDate.from(value);
  try {
    return toInstant((edge === 'start' ? day : day.add({ days: 1 })).toZonedDateTime(timeZone).epochMilliseconds);
  } catch (error) {
    if (isTimeZone(timeZone)) return toInstant(LAST);
    throw error;
  }
}

/** End of the day of an instant in `timeZone`, which is the start of the next one. */
export function endOfDay(at: Instant, timeZone: string): Instant {
  return dayBound(Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).toPlainDate().toString(), 'end', timeZone);
}

/** True if a text is an ISO 8601 duration that is not negative, such as `P30D` or `PT20S`. */
export function isDuration(text: string): boolean {
  if (!/^P[0-9YMWDTHS.,]+$/.test(text)) return false;
  try {
    return Temporal.Duration.from(text).sign >= 0;
  } catch {
    return false;
  }
}

/** Adds an ISO 8601 duration by the calendar in `timeZone`: a day has the length of that day there. */
export function addDuration(at: Instant, duration: string, timeZone: string): Instant {
  const key = `${at} ${duration} ${timeZone}`;
  const known = sums.get(key);
  if (known !== undefined) return known;
  const sum = moved(at, Temporal.Duration.from(duration), timeZone);
  if (sums.size >= MOST_INSTANTS) sums.clear();
  sums.set(key, sum);
  return sum;
}

const sums = new Map<string, Instant>();

/** Subtracts an ISO 8601 duration by the calendar in `timeZone`. */
export function subtractDuration(at: Instant, duration: string, timeZone: string): Instant {
  return moved(at, Temporal.Duration.from(duration).negated(), timeZone);
}

function moved(at: Instant, duration: Temporal.Duration, timeZone: string): Instant {
  const from = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone);
  try {
    return toInstant(from.add(duration).epochMilliseconds);
  } catch {
    return toInstant(duration.sign < 0 ? FIRST : LAST);
  }
}

/**
 * Length of an ISO 8601 duration that does not depend on a calendar: weeks to seconds, with days of 24 hours.
 * @returns milliseconds, or `null` for years, months, negative durations and other texts
 */
export function durationToMilliseconds(duration: string): number | null {
  if (!isDuration(duration)) return null;
  const parsed = Temporal.Duration.from(duration);
  if (parsed.years !== 0 || parsed.months !== 0) return null;
  return parsed.with({ weeks: 0, days: parsed.weeks * 7 + parsed.days }).total('milliseconds');
}

/** Splits a duration into days and the rest; `null` for one with years, months or weeks, and for other texts. */
export function splitDuration(duration: string): { readonly days: number; readonly milliseconds: number } | null {
  if (!isDuration(duration)) return null;
  const parsed = Temporal.Duration.from(duration);
  if (parsed.years !== 0 || parsed.months !== 0 || parsed.weeks !== 0) return null;
  return { days: parsed.days, milliseconds: parsed.with({ days: 0 }).total('milliseconds') };
}

/** A calendar day (`YYYY-MM-DD`) and its day of the week: 1 is Monday, 7 Sunday. */
export interface CalendarDay {
  readonly day: string;
  readonly weekday: number;
}

/** Day and time of an instant in a time zone. */
export function localDay(at: Instant, timeZone: string): CalendarDay & { readonly time: string } {
  const local = Temporal.Instant.from(at).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return { day: local.toPlainDate().toString(), weekday: local.dayOfWeek, time: local.toPlainTime().toString() };
}

/** Adds days to a day. */
export function addDays(day: string, days: number): CalendarDay {
  const later = Temporal.PlainDate.from(day).add({ days });
  return { day: later.toString(), weekday: later.dayOfWeek };
}

/**
 * Instant at which clocks in `timeZone` show this time (`HH:MM`) on this day. A time that is skipped when they are put forward is later by the
 * length of the gap; of a time that they show twice, the first instant counts.
 * @returns `null` if that zone never had the day
 */
export function instantAtTime(day: string, time: string, timeZone: string): Instant | null {
  const at = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone, plainTime: time });
  return at.toPlainDate().toString() === day ? toInstant(at.epochMilliseconds) : null;
}

/** True if the platform knows this IANA time zone. */
export function isTimeZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= MOST_ZONES) zones.clear();
  const isZone = canReckonIn(name);
  zones.set(name, isZone);
  return isZone;
}

/** Cache: the check by the platform is more expensive than the rest of a decision. */
const zones = new Map<string, boolean>();
const MOST_ZONES = 1_000;

function canReckonIn(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Next instant after `after` at which clocks in `timeZone` show this time of day. If they skip it on that day, it is the moment after the gap.
 * @param timeOfDay `HH:MM`
 */
export function nextTimeOfDay(after: Instant, timeOfDay: string, timeZone: string): Instant {
  const now = Temporal.Instant.from(after).toZonedDateTimeISO(timeZone);
  const today = now.withPlainTime(timeOfDay);
  const next = Temporal.ZonedDateTime.compare(today, now) > 0 ? today : now.add({ days: 1 }).withPlainTime(timeOfDay);
  return toInstant(next.epochMilliseconds);
}

/** Earliest of some instants; `null` means never. */
export function earliest(...instants: readonly (Instant | null)[]): Instant | null {
  return instants.reduce((best, at) => (at !== null && (best === null || at < best) ? at : best), null);
}
