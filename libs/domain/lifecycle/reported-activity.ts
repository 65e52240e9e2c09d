import { Temporal } from 'temporal-polyfill';
import type { ObservedAccount } from '../accounts/account.ts';
import { earliest, subtractDuration, toInstant } from '../time/dates.ts';
import type { Instant } from '../identity/facts.ts';
import type { Inactivity } from './inactivity.ts';

/** 1 January 1601, from which Windows counts in steps of 100 nanoseconds; the largest of its numbers means never. */
const WINDOWS_EPOCH = Date.UTC(1601, 0, 1);
const NEVER = 9223372036854775807n;
/** Time before a warning or a disablement at which the activity in targets is read once more. */
const LOOK_BEFORE = 'P1D';

/**
 * Returns the time of the person's last activity in a target, from the attribute for it.
 * @param observedAt time of the read, which is the upper bound even if a wrong clock or a forged value is later
 * @returns `null` if the attribute has no readable value
 */
export function reportedActivity(observed: ObservedAccount | null, attribute: string, observedAt: Instant | null): Instant | null {
  if (observed === null || observedAt === null || !Object.hasOwn(observed.attributes, attribute)) return null;
  const values = [observed.attributes[attribute]].flat().flatMap((value) => (typeof value === 'string' ? (activityOf(value) ?? []) : []));
  const last = values.sort().at(-1) ?? null;
  return earliest(last, last && observedAt);
}

/** Parses RFC 3339, also in the form of SQL, GeneralizedTime of LDAP (RFC 4517 section 3.3.13), or Windows' file time. */
function activityOf(text: string): Instant | null {
  const general = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?(Z|[+-]\d{2,4})$/.exec(text);
  if (general) {
    const [, year, month, day, hour, minute, second, zone] = general;
    return parsed(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`);
  }
  if (/^\d{17,19}$/.test(text)) return BigInt(text) >= NEVER ? null : toInstant(Number(BigInt(text) / 10_000n) + WINDOWS_EPOCH);
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) ? parsed(text) : null;
}

function parsed(text: string): Instant | null {
  try {
    return toInstant(Temporal.Instant.from(text).epochMilliseconds);
  } catch {
    return null;
  }
}

/**
 * Returns the time at which an account whose target reports activity is read, before a warning and before a disablement: an earlier
 * observation may be months old.
 * @returns `null` if activity is not watched, or the last read is recent enough
 */
export function readForActivityAt(inactivity: Inactivity | undefined, observedAt: Instant | null, timeZone: string): Instant | null {
  if (inactivity === undefined || (inactivity.standing !== 'watched' && inactivity.standing !== 'warned')) return null;
  const { since, warnAt, disableAt } = inactivity;
  const looks = [warnAt, disableAt].flatMap((at) => (at === null ? [] : subtractDuration(at, LOOK_BEFORE, timeZone)));
  return earliest(...looks.filter((at) => at > since && (observedAt === null || observedAt < at)));
}
