import { addDuration } from './dates.ts';
import type { Policy } from './compile-policy.ts';
import type { Instant } from './facts.ts';
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
