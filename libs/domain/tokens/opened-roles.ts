import type { Instant } from '../identity/facts.ts';

/**
 * What a service token opens at this moment: of the roles it was made with, those that its maker may hand out now. An administrator may
 * hand out every role, anybody else what they hold themselves.
 * @param made the token's roles: `admin`, `operator`, `auditor`, `source:<name>`
 * @param held what its maker holds in Tenure now; `null`: no person made it
 */
export function openedRoles(made: readonly string[], held: ReadonlySet<string> | null): readonly string[] {
  if (held === null || held.has('admin')) return made;
  return made.filter((role) => held.has(role));
}

/** Milliseconds. */
const day = 24 * 3_600_000;

/** Creator of a service token, with the limits of its lifetime. */
export interface TokenMaker {
  /** When the credential that asks ends, where it is a service token; `null`: a person asks, or the machine does. */
  readonly tokenUntil: Instant | null;
  /** Until when the person who asks may make tokens; `null`: no end is known, or no person stands behind it. */
  readonly rightUntil: Instant | null;
  /** True: a person creates it, directly or with a token of theirs. */
  readonly isPerson: boolean;
}

/**
 * Until when a service token may last at most: not longer than the token or the right that it is made with, and for a day where it is
 * an administrator's that no person made. `null`: nothing of this bounds it.
 */
export function tokenMayLastUntil(roles: readonly string[], { tokenUntil, rightUntil, isPerson }: TokenMaker, now: Instant): Instant | null {
  const aDay = !isPerson && roles.includes('admin') ? new Date(Date.parse(now) + day).toISOString() : null;
  return [tokenUntil, rightUntil, aDay].reduce((least, end) => (least === null || (end !== null && end < least) ? end : least), null);
}
