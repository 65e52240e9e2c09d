import { LoginRefused } from '@tenure/domain';
import type { Answered } from './answered.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Refuses an answer whose authentication context is none of those that were demanded (SAML core 3.3.2.2.1 `exact`, OpenID Connect core 5.5.1.1). */
export function contextIsAsDemanded({ login, answered }: Answered): Refusal | null {
  const { acr: demanded = [] } = answered.request?.demands ?? {};
  const { acr = null } = login.source ?? {};
  if (demanded.length === 0 || (acr !== null && demanded.includes(acr))) return null;
  const message = acr === null ? 'the provider states no authentication context' : 'the authentication context is none of those that were demanded';
  return refuse(new LoginRefused('context-unsatisfied', message));
}
