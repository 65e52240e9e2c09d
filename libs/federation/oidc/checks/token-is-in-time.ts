import type { LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { VerifiedIdToken } from './answer.ts';

/** Checks that the ID token is valid at the login's instant; the library uses the machine's clock (OIDC core 3.1.3.7). */
export function tokenIsInTime({ claims: { exp, iat }, now }: VerifiedIdToken): LoginRefused | null {
  const isInTime = exp > now - TOLERANCE && iat <= now + TOLERANCE;
  return isInTime ? null : refuseOidc('token-expired', 'the ID token is not valid at this time');
}

/** Tolerance for clocks that differ, in seconds. */
const TOLERANCE = 30;
