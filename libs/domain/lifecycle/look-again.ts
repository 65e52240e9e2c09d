import { addDuration } from '../time/dates.ts';
import type { Policy } from '../policy/compile-policy.ts';
import type { Instant } from '../identity/facts.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Default time between the confirmation of an end and its second check. */
const USUALLY = 'PT4H';

/** Input for the second check of an account after an end. */
export interface LookAgainQuestion {
  readonly lifecycle: Lifecycle;
  readonly policy: Policy;
  /** IANA name. */
  readonly timeZone: string;
  /** Time at which the account was first observed in the desired state of the end; `null`: not yet. */
  readonly confirmedAt: Instant | null;
  /** Time of the last read; `null`: none. */
  readonly observedAt: Instant | null;
}

/**
 * Returns the time at which a leaver's account is read once more after its confirmation, since somebody may have reopened it by hand.
 * @returns `null` if the person is not leaving, the end is not confirmed yet, the account was read after that time, or the rule has no second check
 */
export function lookAgainAt({ lifecycle, policy, timeZone, confirmedAt, observedAt }: LookAgainQuestion): Instant | null {
  if ((lifecycle.state !== 'leaving' && lifecycle.state !== 'left') || confirmedAt === null) return null;
  const rule = policy.document.lifecycle.find(({ name }) => name === lifecycle.rule);
  const due = addDuration(confirmedAt, rule?.end.lookAgain ?? USUALLY, timeZone);
  return due <= confirmedAt || (observedAt !== null && observedAt >= due) ? null : due;
}

/** Shortest and longest time, in milliseconds, until an account is read again whose target could not show a part of it. */
const FIRST_LOOK = 3_600_000;
const LONGEST = 30 * 24 * 3_600_000;

/**
 * Returns the time at which an account is read again whose target could not show a part of it: that may have been by chance, such as a group with
 * as many members as a page, or be fixed meanwhile. The interval grows with the time since `notVisibleAt`, from one hour up to 30 days.
 * @param notVisibleAt time since which a part is not shown; `null`: everything is shown
 * @param observedAt time of the last read
 */
export function readUnseenAt(notVisibleAt: Instant | null, observedAt: Instant | null): Instant | null {
  if (notVisibleAt === null || observedAt === null) return null;
  const [since, last] = [Date.parse(notVisibleAt), Date.parse(observedAt)];
  return new Date(last + Math.min(Math.max(last - since, FIRST_LOOK), LONGEST)).toISOString();
}
