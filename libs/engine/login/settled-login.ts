import { createHash } from 'node:crypto';
import { endOfDay, type Instant, type LoginClaims } from '@tenure/domain';
import type { BoundSubject, SettledBy, SettledLogin } from '@tenure/store';

/** A proven login with its mapped claims. */
export interface SayingLogin {
  readonly nameIdFormat: string | null;
  readonly said: LoginClaims & { readonly emailVerified: boolean };
}

/** Milliseconds for which logins may follow one that was decided: each person who logs in is decided about once a day at least. */
export const longestSettled = 24 * 3_600_000;

/**
 * Input of the decision about a login, to be stored with its binding.
 * @param configuration digest of the configuration
 * @param now of the decision
 */
export function settledBy(configuration: string, login: SayingLogin, now: Instant): SettledBy {
  return { claims: claimsDigest(login), configuration, decidedAt: now };
}

/**
 * Compares a login with the last decided one: the same claims, under the same configuration, and no moved date of inactivity. The database checks
 * that nothing else has changed, in the statement that accepts it (`Logins.repeat`).
 * @param configuration digest of the configuration
 * @returns the input of that decision; `null`: the login is to be decided
 */
export function settledFor(configuration: string, bound: BoundSubject, login: SayingLogin, now: Instant): SettledLogin | null {
  const { settled, state, pending, recordId, inactivity, timeZone } = bound;
  if (settled === null || pending !== null || recordId === null || state !== 'active') return null;
  if (Date.parse(now) >= Date.parse(settled.decidedAt) + longestSettled || settled.decidedAt > now) return null;
  // The first login of a day makes inactivity later; a login withdraws a warning that was given.
  if (inactivity != null && (inactivity.standing !== 'watched' || endOfDay(now, timeZone) > inactivity.idleSince)) return null;
  if (settled.configuration !== configuration || settled.claims !== claimsDigest(login)) return null;
  return settled;
}

/** Digest of the mapped claims, since others decide nothing. Absent differs from empty. */
function claimsDigest({ nameIdFormat, said }: SayingLogin): string {
  const { facts, groups, userType, leftOut, elsewhere, emailVerified } = said;
  const inOrder = Object.entries(facts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sha256([nameIdFormat, inOrder, groups, userType, leftOut.attributes.toSorted(), leftOut.groups, leftOut.userType, elsewhere, emailVerified]);
}

function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
