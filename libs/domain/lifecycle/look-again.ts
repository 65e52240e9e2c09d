import { addDuration } from '../time/dates.ts';
import type { Policy } from '../policy/compile-policy.ts';
import type { Instant } from '../identity/facts.ts';
import type { Lifecycle } from './lifecycle.ts';

/** How long after its confirmation an end is read once more, where the lifecycle rule says nothing else. */
const USUALLY = 'PT4H';

/** What a look hours after an end hangs on. */
export interface LookAgainQuestion {
  readonly lifecycle: Lifecycle;
  readonly policy: Policy;
  /** IANA name. */
  readonly timeZone: string;
  /** When reading back first showed the account as the end wants it; `null`: not yet. */
  readonly confirmedAt: Instant | null;
  /** When it was last read. */
  readonly observedAt: Instant | null;
}

/**
 * When a leaver's account is to be read once more to repeat what was confirmed: somebody may have opened it again by hand.
 * @returns `null` when nobody is leaving, nothing is confirmed yet, it was read that late already, or the rule wants no such look
 */
export function lookAgainAt({ lifecycle, policy, timeZone, confirmedAt, observedAt }: LookAgainQuestion): Instant | null {
  if ((lifecycle.state !== 'leaving' && lifecycle.state !== 'left') || confirmedAt === null) return null;
  const rule = policy.document.lifecycle.find(({ name }) => name === lifecycle.rule);
  const due = addDuration(confirmedAt, rule?.end.lookAgain ?? USUALLY, timeZone);
  return due <= confirmedAt || (observedAt !== null && observedAt >= due) ? null : due;
}

/** Milliseconds after which an account is first read again of which the target could not show something, and the longest time between two such readings. */
const FIRST_LOOK = 3_600_000;
const LONGEST = 30 * 24 * 3_600_000;

/**
 * When an account is to be read again of which a target could not show something: it may have been so by chance, as where a group has as many members
 * as a page, or be mended there. Each time after as long again as it has been so, at most 30 days.
 * @param notVisibleAt since when it has been so; `null`: everything is shown
 * @param observedAt when it was last read
 */
export function readUnseenAt(notVisibleAt: Instant | null, observedAt: Instant | null): Instant | null {
  if (notVisibleAt === null || observedAt === null) return null;
  const [since, last] = [Date.parse(notVisibleAt), Date.parse(observedAt)];
  return new Date(last + Math.min(Math.max(last - since, FIRST_LOOK), LONGEST)).toISOString();
}
