import type { Instant } from '../identity/facts.ts';

/**
 * Returns the roles that a service token has now: of those with which it was created, the ones that its creator may assign now. An administrator
 * may assign every role, others only their own.
 * @param made roles of the token: `admin`, `operator`, `auditor`, `source:<name>`
 * @param held present roles of its creator in Tenure; `null`: no person created it
 */
export function openedRoles(made: readonly string[], held: ReadonlySet<string> | null): readonly string[] {
  if (held === null || held.has('admin')) return made;
  return made.filter((role) => held.has(role));
}

/** Length of a day, in milliseconds. */
const day = 24 * 3_600_000;

/** Creator of a service token, with the limits of its lifetime. */
export interface TokenMaker {
  /** Expiry of the service token that the caller uses; `null`: the caller is a person with a session, or the machine. */
  readonly tokenUntil: Instant | null;
  /** End of the right of the calling person to create tokens; `null`: no end is known, or no person is responsible. */
  readonly rightUntil: Instant | null;
  /** True if a person creates it, directly or with a token of theirs. */
  readonly isPerson: boolean;
}

/**
 * Latest expiry of a service token: not after the token or the right with which it is created, and one day for an administrator's token that
 * no person creates. `null`: none of these limits applies.
 */
export function tokenMayLastUntil(roles: readonly string[], { tokenUntil, rightUntil, isPerson }: TokenMaker, now: Instant): Instant | null {
  const aDay = !isPerson && roles.includes('admin') ? new Date(Date.parse(now) + day).toISOString() : null;
  return [tokenUntil, rightUntil, aDay].reduce((least, end) => (least === null || (end !== null && end < least) ? end : least), null);
}
