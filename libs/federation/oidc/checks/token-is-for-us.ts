import type { LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { VerifiedIdToken } from './answer.ts';

/** Checks that an authorized party is this client (OIDC core 3.1.3.7, 5), which the library does not. */
export function tokenIsForUs({ claims: { azp }, clientId }: VerifiedIdToken): LoginRefused | null {
  return azp === undefined || azp === clientId ? null : refuseOidc('audience-mismatch', 'the token was made for the use of another client');
}
