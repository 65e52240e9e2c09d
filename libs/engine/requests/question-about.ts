import { type AccessQuestion, mergeFacts, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Loop } from '../decide/loop.ts';
import { notBefore } from '../decide/not-before.ts';
import { questionOf } from '../decide/question-of.ts';
import { demandedSponsor, livingSponsors } from '../sponsors/living-sponsors.ts';

/** The loop's question about one person as of now, locked until the transaction ends. @throws NotFound */
export async function questionAbout(tx: Transaction, loop: Loop, identityId: string): Promise<AccessQuestion> {
  const [person] = await tx.people.lock([identityId]);
  if (person === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const policy = await loop.currentPolicy(tx);
  const now = notBefore(tx.context.now, person.identity.decidedAt);
  const question = questionOf(person, policy, loop.configuration, now);
  if (demandedSponsor(policy) === null) return question;
  return { ...question, sponsorLives: (await livingSponsors(tx, loop.configuration, policy, [mergeFacts(question)])).get(identityId) };
}
