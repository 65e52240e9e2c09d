import type { Instant, LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { VerifiedIdToken } from './answer.ts';

/** Checks that the end of the provider's session, where it is stated, is a time (OpenID Connect Enterprise Extensions). */
export function sessionEndIsATime({ claims: { session_expiry: end } }: Pick<VerifiedIdToken, 'claims'>): LoginRefused | null {
  return end === undefined || isTime(end) ? null : refuseOidc('token-invalid', 'session_expiry is not a valid time');
}

/** End of the provider's session; `null`: not stated. */
export function sessionEndOf({ session_expiry: end }: VerifiedIdToken['claims']): Instant | null {
  return isTime(end) ? new Date(Math.floor(end * 1000)).toISOString() : null;
}

function isTime(end: unknown): end is number {
  return typeof end === 'number' && end > 0 && end < LATEST;
}

/** The year 9999, in seconds. */
const LATEST = 253_402_300_799;
