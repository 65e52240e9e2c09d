import { type AccessQuestion, mergeFacts, NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { notBefore } from '../decide/not-before.ts';
import { questionOf } from '../decide/question-of.ts';
import { demandedSponsor, livingSponsors } from '../sponsors/living-sponsors.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** The decision engine's question about one person as of now, locked until the transaction ends. @throws NotFound */
export async function questionAbout(tx: Transaction, engine: Engine, identityId: string): Promise<AccessQuestion> {
  const [person] = await tx.people.lock([identityId]);
  if (person === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const policy = await currentPolicy(tx, engine);
  const now = notBefore(tx.context.now, person.identity.decidedAt);
  const question = questionOf(person, policy, engine.configuration, now);
  if (demandedSponsor(policy) === null) return question;
  return { ...question, sponsorLives: (await livingSponsors(tx, engine.configuration, policy, [mergeFacts(question)])).get(identityId) };
}
