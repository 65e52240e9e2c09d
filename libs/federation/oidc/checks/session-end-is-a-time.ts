import type { Instant, LoginRefused } from '@tenure/domain';
import { claimInstant } from '../claim-instant.ts';
import { refuseOidc } from '../refusal.ts';
import type { VerifiedIdToken } from './answer.ts';

/** Checks that the end of the provider's session, where it is stated, is a time (OpenID Connect Enterprise Extensions). */
export function sessionEndIsATime({ claims: { session_expiry: end } }: Pick<VerifiedIdToken, 'claims'>): LoginRefused | null {
  return end === undefined || claimInstant(end) !== null ? null : refuseOidc('token-invalid', 'session_expiry is not a valid time');
}

/** End of the provider's session; `null`: not stated. */
export function sessionEndOf({ session_expiry: end }: VerifiedIdToken['claims']): Instant | null {
  return claimInstant(end);
}
