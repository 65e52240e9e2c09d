import { randomUUID } from 'node:crypto';
import { decideAccess, mergeFacts, type PersonChange } from '@tenure/domain';
import type { Person, Transaction, Trigger } from '@tenure/store';
import type { Decision } from './decision.ts';
import type { DecidedPerson, Terms } from './effects.ts';
import { effectsOf, personChange } from './effects-of.ts';
import { notBefore } from './not-before.ts';
import type { DecisionContext, PolicyInForce } from '../policy/policy-in-force.ts';
import { accountsOf, questionOf } from './question-of.ts';
import { saveEffects } from './save-effects.ts';
import { demandedSponsor, livingSponsors } from '../sponsors/living-sponsors.ts';

/**
 * Asks the loop's question about people and saves the answers: read together, answered one by one, saved together. Safe to repeat: the
 * same state gives the same answer.
 * @param policy asked for in this transaction before anybody is held, so that no other version comes into force until it ends
 * @param created those who were made in this transaction, as they are stored: nobody else sees them, so they are neither held nor read
 * @param judge sees what would become of each of them before anything is written; what it throws ends the transaction
 * @returns by identity; unknown ones are left out
 */
export async function decidePeople(
  tx: Transaction,
  context: DecisionContext,
  policy: Promise<PolicyInForce>,
  identityIds: readonly string[],
  trigger: Trigger,
  created: ReadonlyMap<string, Person>,
  judge?: (changes: ReadonlyMap<string, PersonChange>) => Promise<void>,
): Promise<ReadonlyMap<string, Decision>> {
  const known = identityIds.filter((id) => !created.has(id));
  const [inForce, locked] = await Promise.all([policy, known.length > 0 ? tx.people.lock(known) : []]);
  const people = [...identityIds.flatMap((id) => created.get(id) ?? []), ...locked];
  const decided = await decideEach(tx, context, inForce, people);
  await judge?.(new Map(decided.map((one) => [one.person.identity.id, personChange(one)])));
  const terms: Terms = { ...context, inForce, trigger, correlationId: tx.context.correlationId, newId: randomUUID };
  const effects = decided.map((one) => effectsOf(one, terms));
  await saveEffects(tx, context.configuration, effects, inForce.policy, trigger);
  return new Map(effects.map(({ before, decision }) => [before.id, decision]));
}

/** Asks the question about each person. Only the status of sponsors is looked up: it rests on other people. */
async function decideEach(tx: Transaction, context: DecisionContext, { policy }: PolicyInForce, people: readonly Person[]): Promise<readonly DecidedPerson[]> {
  const { configuration } = context;
  const asked = people.map((person) => {
    const now = notBefore(tx.context.now, person.identity.decidedAt);
    return { person, question: questionOf(person, policy, configuration, now) };
  });
  const demanding = demandedSponsor(policy) === null ? [] : asked.map(({ question }) => mergeFacts(question));
  const lives = await livingSponsors(tx, configuration, policy, demanding);
  return asked.map(({ person, question: alone }) => {
    const question = { ...alone, sponsorLives: lives.get(person.identity.id) };
    const access = decideAccess(question);
    return { person, question, access, desired: accountsOf(person, access, policy, context, question.now) };
  });
}
