import {
  type AccessDecision,
  type AccessQuestion,
  decideAccess,
  type Facts,
  grantsAt,
  type Instant,
  mergeFacts,
  NotFound,
  NOTHING_ACCEPTED,
  planChanges,
  type TargetPlan,
} from '@tenure/domain';
import type { Person, Transaction } from '@tenure/store';
import { lastSeen, scopeOf } from '../provision/account-scope.ts';
import type { DecisionContext, PolicyInForce } from '../policy/policy-in-force.ts';
import { accountsOf, questionOf } from '../decide/question-of.ts';
import { knownToLive } from '../sponsors/living-sponsors.ts';

/** Simulated decision about one person, with the changes in each target. */
export interface AccessSimulation {
  readonly at: Instant;
  readonly decision: AccessDecision;
  readonly plans: readonly TargetPlan[];
}

/** One instant at which something changes by itself. */
export interface ForecastChange {
  readonly at: Instant;
  readonly state: AccessDecision['lifecycle']['state'];
  readonly why: string;
  /** Names of roles and entitlements, sorted. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** Name of a source that takes precedence over all others. */
const supposed = 'what-if';

/** @throws NotFound */
export async function readPersonAsked(tx: Transaction, identityId: string): Promise<Person> {
  const [person] = await tx.people.read([identityId]);
  if (person === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  return person;
}

/** Simulated decision about one person at `at`, with the additional `facts`. */
export function simulateAccess(
  person: Person,
  context: DecisionContext,
  inForce: PolicyInForce,
  { at, facts }: { readonly at: Instant; readonly facts: Facts },
): AccessSimulation {
  const { accounts } = person;
  const decision = questionAbout(person, context, inForce, facts)(at);
  const desired = accountsOf(person, decision, inForce.policy, context, at);
  const observed = Object.fromEntries(accounts.map((account) => [account.target, lastSeen(account)]));
  const scope = (target: string) => {
    const { id = '', accepted = NOTHING_ACCEPTED } = accounts.find((account) => account.target === target) ?? {};
    return scopeOf(context.configuration, { id, target, accepted }, inForce.managed[target] ?? new Set());
  };
  return { at, decision, plans: planChanges({ desired, observed, scopeOf: scope }) };
}

/**
 * Forecast without changes of facts: each instant from `from` to `until` at which something changes, in order.
 * @param most maximum number of instants that are evaluated
 */
export function forecast(
  person: Person,
  context: DecisionContext,
  inForce: PolicyInForce,
  { from, until, most }: { readonly from: Instant; readonly until: Instant; readonly most: number },
): readonly ForecastChange[] {
  const ask = questionAbout(person, context, inForce, {});
  const changes: ForecastChange[] = [];
  let last = ask(from);
  let held = namesAt(last, from);
  for (let asked = 0; asked < most && last.nextWakeUp !== null && last.nextWakeUp <= until; asked += 1) {
    const at = last.nextWakeUp;
    const next = ask(at, last.memory);
    const names = namesAt(next, at);
    const [gained, lost] = [names.filter((name) => !held.includes(name)), held.filter((name) => !names.includes(name))];
    const isOther = next.lifecycle.state !== last.lifecycle.state;
    if (isOther || gained.length + lost.length > 0) changes.push({ at, state: next.lifecycle.state, why: next.lifecycle.why, gained, lost });
    [last, held] = [next, names];
  }
  return changes;
}

type Ask = (now: Instant, memory?: AccessDecision['memory']) => AccessDecision;

function questionAbout(person: Person, { configuration }: DecisionContext, { policy }: PolicyInForce, facts: Facts): Ask {
  return (now, memory) => {
    const question = supposing(questionOf(person, policy, configuration, now), facts);
    const merged = mergeFacts(question);
    return decideAccess({ ...question, merged, memory: memory ?? question.memory, sponsorLives: knownToLive(merged, policy, person.sponsorship) });
  };
}

/** Question with additional facts: they take precedence over those of all sources. */
function supposing(question: AccessQuestion, facts: Facts): AccessQuestion {
  const { records, precedence, now } = question;
  const names = Object.keys(facts);
  if (names.length === 0) return question;
  const supposition = { id: supposed, source: supposed, externalId: supposed, facts, groups: null, status: null, endedAt: null, recordedAt: now };
  const attributes = Object.fromEntries(
    names.map((name) => [name, [supposed, ...((Object.hasOwn(precedence.attributes, name) ? precedence.attributes[name] : undefined) ?? precedence.default)]]),
  );
  return { ...question, records: [...records, supposition], precedence: { ...precedence, attributes: { ...precedence.attributes, ...attributes } } };
}

function namesAt({ grants }: AccessDecision, at: Instant): string[] {
  return grantsAt(grants, at)
    .map(({ name }) => name)
    .sort();
}
