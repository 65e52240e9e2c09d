import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '@tenure/config';
import {
  type AccessDecision,
  type AccessDifference,
  compareAccess,
  type CompiledMapping,
  compileMapping,
  compilePolicy,
  decideAccess,
  desiredAccounts,
  type Instant,
  itemState,
  mergeFacts,
  type Policy,
  type PolicyDocument,
  countedChanges,
  type DecidedState,
} from '@tenure/domain';
import type { AccountInUse, AccountsThatMatter, PersonToAsk } from '@tenure/store';
import { foundInTargets } from '../decide/found-in-targets.ts';
import { knownToLive } from '../sponsors/living-sponsors.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { accountsThatMatter, questionOf } from '../decide/question-of.ts';
import type { PlannedLife, PolicyPlan, PlannedPerson, PeopleToAsk } from './policy-plan.ts';

/** tenure.yaml that a plan would put in force with its policy. */
export interface PlannedSettings {
  /** Configuration by which people would be decided. */
  readonly configuration: Configuration;
  /** SHA-256 of it. */
  readonly digest: string;
}

export interface PlanPolicyDependencies {
  readonly people: PeopleToAsk;
  /** Configuration in force. */
  readonly configuration: Configuration;
  readonly policyInForce: PolicyInForce;
  /** Absent: tenure.yaml stays as it is. */
  readonly settings?: PlannedSettings;
}

/** People who are read at a time. */
const page = 1000;
const mostExamples = 5;

/** Decides about everybody under both versions, a page at a time, and writes nothing. @throws PolicyInvalid */
export async function planPolicy(
  { people: everybody, configuration, policyInForce, settings }: PlanPolicyDependencies,
  document: PolicyDocument,
  now: Instant,
): Promise<PolicyPlan> {
  const { policy: current } = policyInForce;
  // People's facts are read once for both where they have the same attributes.
  const isSameSchema = isDeepStrictEqual(document.attributes, current.document.attributes);
  const next = compilePolicy(isSameSchema ? { ...document, attributes: current.document.attributes } : document, current.version + 1);
  const tally = newTally(document, current.version, settings?.digest);
  const planned = settings?.configuration ?? configuration;
  const askBoth = (person: PersonToAsk): readonly [AccessDecision, AccessDecision] => {
    if (settings !== undefined) return [ask(person, current, configuration, now), ask(person, next, planned, now)];
    const question = questionOf(person, current, configuration, now);
    const merged = mergeFacts(question);
    const by = (policy: Policy): AccessDecision => {
      const found = policy === current ? question.found : foundInTargets(person, policy, now);
      return decideAccess({ ...question, policy, merged, found: found ?? [], sponsorLives: knownToLive(merged, policy, person.sponsorship) });
    };
    return [by(current), by(next)];
  };
  const matter = bothMatter(accountsThatMatter(configuration, [current, next]), accountsThatMatter(planned, [current, next]));
  // Attributes of an account are not counted, so they need not be computed.
  const mappingsOf = ({ targets, attributes }: Configuration): readonly CompiledMapping[] =>
    Object.keys(targets).map((name) => compileMapping({ name, attributes: {} }, attributes));
  const mappingsBy = new Map([
    [current, mappingsOf(configuration)],
    [next, mappingsOf(planned)],
  ]);
  const standing = (policy: Policy, decision: AccessDecision, existing: readonly AccountInUse[]): DecidedState => ({
    ...decision,
    accounts: desiredAccounts({ ...decision, policy, mappings: mappingsBy.get(policy) ?? [], existing, now }),
    entitlements: policy.document.entitlements,
  });
  const batch: PlannedPerson[] = [];
  let counted: Promise<void> = Promise.resolve();
  let coming = everybody.page(null, page, matter);
  for (;;) {
    const people = await coming;
    const last = people.at(-1);
    // The next page is read while this one is decided.
    const isLast = people.length < page || last === undefined;
    if (!isLast) {
      coming = everybody.page(last.identity.id, page, matter);
      coming.catch(() => undefined);
    }
    const changed: { readonly id: string; readonly before: AccessDecision; readonly then: AccessDecision }[] = [];
    for (const person of people) {
      const { id } = person.identity;
      const [before, then] = askBoth(person);
      if (tally.add(id, before, then, now)) changed.push({ id, before, then });
    }
    // The number of changed accounts is read while the next page is decided.
    const reading = changed.length === 0 ? new Map<string, readonly AccountInUse[]>() : everybody.accounts(changed.map(({ id }) => id));
    await counted;
    counted = Promise.resolve(reading).then((accounts) => {
      for (const { id, before, then } of changed) {
        const existing = accounts.get(id) ?? [];
        const [was, is] = [standing(current, before, existing), standing(next, then, existing)];
        const changes = countedChanges(was, is, now);
        if (changes.length > 0) batch.push({ key: id, identityId: id, changes, before: itemState(was, now), after: itemState(is, now) });
      }
    });
    counted.catch(() => undefined);
    if (isLast) await counted;
    if (isLast) return { ...tally.plan(current.version), batch: batch };
  }
}

/** Decides about a person; facts themselves may differ under another tenure.yaml. */
function ask(person: PersonToAsk, policy: Policy, configuration: Configuration, now: Instant): AccessDecision {
  const question = questionOf(person, policy, configuration, now);
  const merged = mergeFacts(question);
  return decideAccess({ ...question, merged, sponsorLives: knownToLive(merged, policy, person.sponsorship) });
}

function bothMatter(one: AccountsThatMatter, other: AccountsThatMatter): AccountsThatMatter {
  const both = (a: readonly string[], b: readonly string[]): string[] => [...new Set([...a, ...b])].sort();
  return { entitlements: both(one.entitlements, other.entitlements), targets: both(one.targets, other.targets) };
}

interface Tally {
  /** Adds a person. @returns true if the person's lifecycle or access would change */
  add(identityId: string, before: AccessDecision, after: AccessDecision, now: Instant): boolean;
  plan(version: number): Omit<PolicyPlan, 'batch'>;
}

/** @param settings SHA-256 of another tenure.yaml */
function newTally(document: PolicyDocument, beside: number, settings: string | undefined): Tally {
  const digest = createHash('sha256').update(JSON.stringify([document, beside, settings]));
  const [gains, losses, held] = [grouped<AccessDifference>(), grouped<AccessDifference>(), grouped<{ readonly rule: string }>()];
  const lives = grouped<Omit<PlannedLife, 'people' | 'examples'>>();
  let people = 0;
  let changed = 0;
  return {
    add(identityId, before, after, now) {
      people += 1;
      const { gained, lost } = compareAccess(before, after, now);
      const kept = after.violations.filter(({ rule, withheld }) => withheld.length > 0 && !before.violations.some((one) => one.rule === rule));
      for (const { rule } of kept) held.add({ rule }, identityId);
      const [was, is] = [before.lifecycle, after.lifecycle];
      const isOtherLife = was.state !== is.state || was.accounts !== is.accounts;
      if (isOtherLife) digest.update(JSON.stringify([identityId, is.state, is.accounts]));
      if (isOtherLife) lives.add({ rule: is.rule, from: was.state, to: is.state, accountsFrom: was.accounts, accountsTo: is.accounts }, identityId);
      changed += Number(isOtherLife || gained.length + lost.length > 0);
      if (gained.length + lost.length === 0) return isOtherLife;
      digest.update(JSON.stringify([identityId, gained, lost]));
      for (const one of gained) gains.add(one, identityId);
      for (const one of lost) losses.add(one, identityId);
      return true;
    },
    plan: (version) => ({
      digest: digest.digest('hex').slice(0, 16),
      version,
      people,
      changed,
      gains: gains.list(),
      losses: losses.list(),
      lives: lives.list(),
      withheld: held.list(),
    }),
  };
}

function grouped<T extends object>(): { add(what: T, identityId: string): void; list(): readonly (T & { people: number; examples: readonly string[] })[] } {
  const groups = new Map<string, { readonly what: T; readonly key: string; people: number; readonly examples: string[] }>();
  return {
    add(what, identityId) {
      const key = JSON.stringify(what);
      const group = groups.get(key) ?? { what, key, people: 0, examples: [] };
      group.people += 1;
      if (group.examples.length < mostExamples) group.examples.push(identityId);
      groups.set(key, group);
    },
    list: () =>
      [...groups.values()]
        .toSorted((a, b) => b.people - a.people || (a.key < b.key ? -1 : 1))
        .map(({ what, people, examples }) => ({ ...what, people, examples })),
  };
}
