import {
  type AccessDecision,
  type AccessQuestion,
  decideAccess,
  desiredAccounts,
  type Facts,
  grantsAt,
  type Identity,
  type Instant,
  mergeFacts,
  NotFound,
  NOTHING_ACCEPTED,
  planChanges,
  type Policy,
  type TargetPlan,
} from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { lastSeen, scopeOf } from './provision/account-scope.ts';
import type { LoopContext, PolicyInForce } from './policy-in-force.ts';
import { requestedAccess } from './requests/requested-access.ts';
import { authoritativeSources, loginSources } from './settings-of-source.ts';
import { demandedSponsor, knownToLive, livingSponsors } from './sponsors/living-sponsors.ts';

/** What would be decided about one person, and what would follow in each target. */
export interface Foresight {
  readonly at: Instant;
  readonly decision: AccessDecision;
  readonly plans: readonly TargetPlan[];
}

/** One instant at which something changes by itself. */
export interface ForeseenChange {
  readonly at: Instant;
  readonly state: AccessDecision['lifecycle']['state'];
  readonly why: string;
  /** Names of roles and entitlements, sorted. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
}

/** A source that goes before all others. */
const supposed = 'what-if';

/**
 * Asks the loop's question about one person and writes nothing: what would be true at `at`, if `facts` held besides?
 * @throws NotFound
 */
export async function foresee(
  tx: Transaction,
  context: LoopContext,
  inForce: PolicyInForce,
  { identityId, at, facts }: { readonly identityId: string; readonly at: Instant; readonly facts: Facts },
): Promise<Foresight> {
  const ask = await questionAbout(tx, context, inForce, { identityId, facts, at });
  const decision = ask(at);
  const accounts = await tx.access.accountsOf([identityId]);
  const existing = accounts.map(({ target, existed, everEnabled }) => ({ target, everExisted: existed, everEnabled }));
  const { mappings } = context;
  const desired = desiredAccounts({ ...decision, policy: inForce.policy, mappings, existing, now: at });
  const observed = Object.fromEntries(accounts.map((account) => [account.target, lastSeen(account)]));
  const scope = (target: string) => {
    const { id = '', accepted = NOTHING_ACCEPTED } = accounts.find((account) => account.target === target) ?? {};
    return scopeOf(context.configuration, { id, target, accepted }, inForce.managed[target] ?? new Set());
  };
  return { at, decision, plans: planChanges({ desired, observed, scopeOf: scope }) };
}

/**
 * What changes by itself while no fact does: each instant from `from` to `until`, in order.
 * @param most instants at which the question is asked again
 * @throws NotFound
 */
export async function forecast(
  tx: Transaction,
  context: LoopContext,
  inForce: PolicyInForce,
  { identityId, from, until, most }: { readonly identityId: string; readonly from: Instant; readonly until: Instant; readonly most: number },
): Promise<readonly ForeseenChange[]> {
  const ask = await questionAbout(tx, context, inForce, { identityId, facts: {}, at: from });
  const changes: ForeseenChange[] = [];
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

async function questionAbout(
  tx: Transaction,
  { configuration }: LoopContext,
  { policy }: PolicyInForce,
  { identityId, facts, at }: { readonly identityId: string; readonly facts: Facts; readonly at: Instant },
): Promise<Ask> {
  const person = await tx.identities.get(identityId);
  if (person === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const recorded = await tx.identities.recordsOf(identityId);
  const requests = requestedAccess(await tx.requests.toDecideAbout(identityId));
  const exceptions = await tx.separationExceptions.toDecideAbout(identityId);
  const { precedence, timeZone } = configuration;
  const names = Object.keys(facts);
  const supposition = { id: supposed, source: supposed, externalId: supposed, facts, groups: null, status: null, endedAt: null };
  const attributes = Object.fromEntries(
    names.map((name) => [name, [supposed, ...((Object.hasOwn(precedence.attributes, name) ? precedence.attributes[name] : undefined) ?? precedence.default)]]),
  );
  const questionAt = (now: Instant, memory: AccessDecision['memory']): AccessQuestion => ({
    ...person,
    records: names.length === 0 ? recorded : [...recorded, { ...supposition, recordedAt: now }],
    precedence: { ...precedence, attributes: { ...precedence.attributes, ...attributes } },
    authoritative: authoritativeSources(configuration),
    logins: loginSources(configuration),
    now,
    timeZone,
    policy,
    memory,
    exceptions,
    requests,
  });
  const sponsorLives = demandedSponsor(policy) === null ? undefined : await livesThere(tx, configuration, policy, mergeFacts(questionAt(at, person)));
  return (now, memory = person) => decideAccess({ ...questionAt(now, memory), sponsorLives });
}

async function livesThere(tx: Transaction, configuration: LoopContext['configuration'], policy: Policy, merged: Identity): Promise<boolean | undefined> {
  const known = knownToLive(merged, policy, await tx.sponsorships.of(merged.id));
  return known ?? (await livingSponsors(tx, configuration, policy, [merged])).get(merged.id);
}

function namesAt({ grants }: AccessDecision, at: Instant): string[] {
  return grantsAt(grants, at)
    .map(({ name }) => name)
    .sort();
}
