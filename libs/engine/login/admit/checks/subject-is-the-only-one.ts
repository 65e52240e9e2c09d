import { LoginRefused } from '@tenure/domain';
import type { Entering } from './entering.ts';
import type { Refusal } from './refusal.ts';

/** Refuses a second subject of a person at one provider, unless it is confirmed and then replaces the first. */
export function subjectIsTheOnlyOne({ provider, identityId, recordId, link, hasOtherSubject }: Entering): Refusal | null {
  if (!hasOtherSubject || link !== null) return null;
  return {
    refused: new LoginRefused('another-subject', 'another subject of this provider is bound to the identity that was found', { identityId }),
    keeps: { pending: null, question: { recordId, identityId, provider: provider.name, why: 'another-subject' } },
  };
}
