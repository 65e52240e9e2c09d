import { LoginRefused } from '@tenure/domain';
import type { Entering } from './entering.ts';
import type { Refusal } from './refusal.ts';

/** Refuses a person with rights in Tenure unless an administrator, a one-time link or the provider's entry confirms the login. */
export function rightsAreConfirmed({ provider, nameIdFormat, identityId, recordId, keys, isBound, link, mayEnter }: Entering): Refusal | null {
  if (mayEnter || link !== null) return null;
  const why = 'rights-unconfirmed';
  return {
    refused: new LoginRefused(why, 'the person has rights in Tenure, and no administrator has confirmed this login', { identityId }),
    keeps: { pending: isBound ? { why, keys, nameIdFormat } : null, question: { recordId, identityId, provider: provider.name, why } },
  };
}
