import { addDuration, endOfDay } from '../time/dates.ts';
import type { Identity, Instant } from '../identity/facts.ts';
import { normalText } from '../text/plain-text.ts';
import type { LifecycleRule } from '../policy/policy.ts';

/** Something that shows a person alive: a login, what a target reports of the account there, or an operator's word. */
export interface SignOfLife {
  readonly at: Instant;
  readonly by: 'login' | 'target' | 'operator';
}

/** What inactivity is reckoned from. */
export interface Watched {
  /** In any order. Without a login or a report of a target nobody counts as inactive. */
  readonly signs: readonly SignOfLife[];
  /** Since when the person counts as idle, as the last decision left it; `null`: was not watched. */
  readonly idleSince: Instant | null;
}

/** How long somebody has not been heard of, and what follows when. */
export interface Inactivity {
  /** For the next decision: until when something was heard, a day counting whole, or from when on it was watched. */
  readonly idleSince: Instant;
  /** From when it counts: that, or the end of a leave, or the start. */
  readonly since: Instant;
  /** `null`: nobody is warned. */
  readonly warnAt: Instant | null;
  readonly disableAt: Instant;
  /** `null`: nobody is removed. */
  readonly removeAt: Instant | null;
  readonly standing: 'watched' | 'warned' | 'disabled' | 'removed';
  /** What brings somebody back who was disabled: a login, or a person who is asked. */
  readonly reactivate: 'ask' | 'login';
}

/** A time away that does not count. */
export interface Away {
  readonly from: Instant;
  readonly until: Instant | null;
}

/**
 * How long somebody has not been heard of at `now`. What was not watched does not count: the time begins when the rule applies and
 * something is known of the person at all, so that nobody is disabled who could not have been warned. A sign of life that comes once
 * the account is disabled does not bring it back by itself, unless the rule says so; an operator's word does.
 * @param from when the person's time began
 * @returns `null` when the rule has no such terms, the person is in an exempt group, nothing is known, or they are away
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
