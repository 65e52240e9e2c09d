import type { LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { VerifiedIdToken } from './answer.ts';

/** The ID token holds by the login's clock; the library goes by the machine's (OIDC core 3.1.3.7). */
export function tokenIsInTime({ claims: { exp, iat }, now }: VerifiedIdToken): LoginRefused | null {
  const isInTime = exp > now - TOLERANCE && iat <= now + TOLERANCE;
  return isInTime ? null : refuseOidc('token-expired', 'the ID token is not valid at this time');
}

/** Seconds. */
const TOLERANCE = 30;
