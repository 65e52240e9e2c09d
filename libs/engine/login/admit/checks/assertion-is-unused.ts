import { LoginRefused } from '@tenure/domain';
import type { Answered } from './answered.ts';
import { type Refusal, refuse } from './refusal.ts';

/** A SAML assertion is used once. */
export function assertionIsUnused({ answered: { isFirstUse } }: Answered): Refusal | null {
  return isFirstUse ? null : refuse(new LoginRefused('assertion-replayed', 'this assertion was used before'));
}
