import type { LoginRefused } from '@tenure/domain';
import { refuseOidc } from '../refusal.ts';
import type { OidcAnswer } from './answer.ts';

/** Checks that the answer has the state of this login, once (OIDC core 3.1.2.7). */
export function stateIsOurs({ query, state }: OidcAnswer): LoginRefused | null {
  const states = query.getAll('state');
  return states.length === 1 && states[0] === state ? null : refuseOidc('state-mismatch', 'the answer belongs to another login');
}
