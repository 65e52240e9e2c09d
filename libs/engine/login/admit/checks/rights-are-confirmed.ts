import { LoginRefused } from '@tenure/domain';
import type { Entering } from './entering.ts';
import type { Refusal } from './refusal.ts';

/** Somebody with rights in Tenure logs in by a login that an administrator, a one-time link or its provider's entry vouches for. */
export function rightsAreConfirmed({ provider, nameIdFormat, identityId, recordId, keys, isBound, link, mayEnter }: Entering): Refusal | null {
  if (mayEnter || link !== null) return null;
  const why = 'rights-unconfirmed';
  return {
    refused: new LoginRefused(why, 'the person has rights in Tenure, and no administrator has confirmed this login', { identityId }),
    keeps: { pending: isBound ? { why, keys, nameIdFormat } : null, question: { recordId, identityId, provider: provider.name, why } },
  };
}
