import { randomUUID } from 'node:crypto';
import { decideAccess, mergeFacts, type PersonChange } from '@tenure/domain';
import type { Person, Transaction, Trigger } from '@tenure/store';
import type { Decision } from './decision.ts';
import type { Engine } from './engine.ts';
import type { DecidedPerson, Terms } from './effects.ts';
import { effectsOf, personChange } from './effects-of.ts';
import { notBefore } from './not-before.ts';
import type { DecisionContext, PolicyInForce } from '../policy/policy-in-force.ts';
import { accountsOf, questionOf } from './question-of.ts';
import { observedTargets } from '../targets/observed-targets.ts';
import { saveEffects } from './save-effects.ts';
import { demandedSponsor, livingSponsors } from '../sponsors/living-sponsors.ts';

/** Check of the changes of each person before anything is written; an error that it throws ends the transaction. */
export type CheckPeople = (changes: ReadonlyMap<string, PersonChange>) => Promise<void>;

/** Milliseconds after which a person whom a process has decided by an older version is decided again. */
const againAfter = 60_000;

/**
 * Decides about people and saves the decisions: read together, decided one by one, saved together. Safe to repeat: the same state gives the same
 * decision.
 * @param policy read in this transaction before any person is locked, so that no other version comes into force until it ends
 * @param created people who were created in this transaction, as they are stored: no other transaction sees them, so they are neither locked nor read
 * @returns by identity; unknown ones are left out
 */
export async function decidePeople(
  tx: Transaction,
  engine: Engine,
  policy: Promise<PolicyInForce>,
  identityIds: readonly string[],
  trigger: Trigger,
  created: ReadonlyMap<string, Person>,
  check?: CheckPeople,
): Promise<ReadonlyMap<string, Decision>> {
  const begun = performance.now();
  const decisions = await decideTogether(tx, engine, policy, identityIds, trigger, created, check);
  if ((await policy).isBehind === true)
    await tx.outbox.addLater(identityIds, { trigger: 'policy', correlationId: tx.context.correlationId, createdAt: tx.context.now }, againAfter);
  for (let counted = 0; counted < decisions.size; counted += 1) engine.meter.decided(trigger, (performance.now() - begun) / decisions.size);
  return decisions;
}

async function decideTogether(
  tx: Transaction,
  { configuration, mappings, applications }: Engine,
  policy: Promise<PolicyInForce>,
  identityIds: readonly string[],
  trigger: Trigger,
  created: ReadonlyMap<string, Person>,
  check?: CheckPeople,
): Promise<ReadonlyMap<string, Decision>> {
  const context: DecisionContext = { configuration, mappings };
  const known = identityIds.filter((id) => !created.has(id));
  // The modes come after the policy: whoever switches a target on or back lets decisions by the mode before end first.
  const modes = policy.then(() => observedTargets(tx));
  const [inForce, locked, observed] = await Promise.all([policy, known.length > 0 ? tx.people.lock(known) : [], modes]);
  const people = [...identityIds.flatMap((id) => created.get(id) ?? []), ...locked];
  const decided = await decideEach(tx, context, inForce, people);
  await check?.(new Map(decided.map((one) => [one.person.identity.id, personChange(one)])));
  const terms: Terms = { ...context, applications, inForce, trigger, observed, correlationId: tx.context.correlationId, newId: randomUUID };
  const effects = decided.map((one) => effectsOf(one, terms));
  await saveEffects(tx, configuration, effects, inForce.policy, trigger);
  return new Map(effects.map(({ before, decision }) => [before.id, decision]));
}

/** Decides about each person. Only the status of sponsors is looked up: it depends on other people. */
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
