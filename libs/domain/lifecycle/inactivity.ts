import { addDuration, endOfDay } from '../time/dates.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { normalText } from '../text/plain-text.ts';
import type { LifecycleRule } from '../policy/policy.ts';

/** Evidence of a person's activity: a login, the activity that a target reports for the account, or a confirmation by an operator. */
export interface SignOfLife {
  readonly at: Instant;
  readonly by: 'login' | 'target' | 'operator';
}

/** Input from which inactivity is computed. */
export interface Watched {
  /** Signs of activity in any order. Without a login or a report of a target nobody counts as inactive. */
  readonly signs: readonly SignOfLife[];
  /** `Inactivity.idleSince` of the last decision; `null`: activity was not watched. */
  readonly idleSince: Instant | null;
}

/** Inactivity of a person, with the times of its consequences. */
export interface Inactivity {
  /** End of the day of the last activity, or time since which activity is watched. Input of the next decision. */
  readonly idleSince: Instant;
  /** Time from which inactivity counts: `idleSince`, the end of a leave, or the start of the relationship. */
  readonly since: Instant;
  /** `null`: there is no warning. */
  readonly warnAt: Instant | null;
  readonly disableAt: Instant;
  /** `null`: the person is not removed. */
  readonly removeAt: Instant | null;
  readonly standing: 'watched' | 'warned' | 'disabled' | 'removed';
  /** Way to reactivate a disabled person: `login`, or `ask`, a human decision. */
  readonly reactivate: 'ask' | 'login';
}

/** A leave, during which inactivity does not count. */
export interface Away {
  readonly from: Instant;
  readonly until: Instant | null;
}

/**
 * Computes a person's inactivity at `now`. Time that was not watched does not count: it begins when the rule applies and any activity of
 * the person is known, so that nobody is disabled without a possible warning. Activity after the account was disabled does not
 * reactivate it, unless the rule allows it; a confirmation by an operator does.
 * @param from start of the person's relationship
 * @returns `null` if the rule has no such terms, the person is in an exempt group, no activity is known, or they are on leave
 */
export function inactivityOf({
  identity,
  rule,
  watched: { signs, idleSince },
  from,
  away,
  now,
}: {
  readonly identity: Pick<Identity, 'groups' | 'timeZone'>;
  readonly rule: LifecycleRule;
  readonly watched: Watched;
  readonly from: Instant | null;
  readonly away: Away | null;
  readonly now: Instant;
}): Inactivity | null {
  const terms = rule.inactivity;
  if (terms === undefined || !signs.some(({ by }) => by !== 'operator') || isExempt(identity, terms.exempt ?? [])) return null;
  const { timeZone } = identity;
  const { warn, disable, remove, reactivate = 'ask' } = terms;
  const after = (begun: Instant, duration: string | undefined): Instant | null => (duration === undefined ? null : addDuration(begun, duration, timeZone));
  const tooLate = reactivate === 'ask' ? disable : remove;
  const heard = signs
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .reduce((until, { at, by }) => {
      const limit = after(until, tooLate);
      return by === 'operator' || limit === null || at < limit ? later(until, endOfDay(at, timeZone)) : until;
    }, idleSince ?? endOfDay(now, timeZone));
  const begun = from === null ? heard : later(heard, from);
  const isCounted = away === null || away.from >= addDuration(begun, disable, timeZone);
  if (!isCounted && away.until === null) return null;
  const since = isCounted || away.until === null ? begun : later(begun, away.until);
  const [warnAt, disableAt, removeAt] = [after(since, warn), addDuration(since, disable, timeZone), after(since, remove)];
  const isOver = (at: Instant | null): boolean => at !== null && at <= now;
  const standing = isOver(removeAt) ? 'removed' : isOver(disableAt) ? 'disabled' : isOver(warnAt) ? 'warned' : 'watched';
  return { idleSince: heard, since, warnAt, disableAt, removeAt, standing, reactivate };
}

function isExempt({ groups }: Pick<Identity, 'groups'>, exempt: readonly string[]): boolean {
  const names = exempt.map(normalText);
  return Object.values(groups).some((asserted) => asserted.groups.some((group) => names.includes(group)));
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}
