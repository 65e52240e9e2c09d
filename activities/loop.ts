import { createHash } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import { compileMapping, compilePolicy, type Instant, NotFound, type Policy, type PolicyDocument } from '@tenure/domain';
import type { Store, Transaction, Trigger } from '@tenure/store';
import { forecast, foresee, type Foresight, type ForeseenChange } from './foresee.ts';
import { decidePeople, type Decision } from './decide-identity.ts';
import { type Meter, noMeter } from './meter.ts';
import { planPolicy, type PolicyPlan } from './policy/plan-policy.ts';
import type { LoopContext, PolicyInForce } from './policy-in-force.ts';
import { openWave, wakeMany } from './wave/open-wave.ts';
import { type StoredIntake, storeRecords } from './store-records.ts';
import { type IncomingRecord, type TakenRecord, wake } from './take-record.ts';

/** The loop's question, and the facts that make it be asked, inside the caller's database transaction. */
export interface Loop {
  readonly configuration: Configuration;
  /** Takes one source's record of one person: correlates, creates where allowed, stores it, decides, wakes the life. Audited. */
  takeRecord(tx: Transaction, incoming: IncomingRecord, trigger?: Trigger): Promise<TakenRecord>;
  /** The same for many records, decided together. From some people on they go to the targets as one wave, without a workflow for each. */
  takeRecords(tx: Transaction, incoming: readonly IncomingRecord[]): Promise<readonly TakenRecord[]>;
  /** What should be true of this person now, what is, and what is the difference: saved as grants and operations. */
  decide(tx: Transaction, identityId: string, trigger: Trigger): Promise<Decision>;
  /** What would be decided about one person at an instant, if these facts held besides. Writes nothing. */
  foresee(tx: Transaction, question: Parameters<typeof foresee>[3]): Promise<Foresight>;
  /** What changes by itself. Writes nothing. */
  forecast(tx: Transaction, question: Parameters<typeof forecast>[3]): Promise<readonly ForeseenChange[]>;
  /** The same for many people, in one go. @returns by identity */
  decideMany(tx: Transaction, identityIds: readonly string[], trigger: Trigger): Promise<ReadonlyMap<string, Decision>>;
  /** What a policy would change over everybody. Writes nothing. @throws PolicyInvalid */
  planPolicy(store: Store, document: PolicyDocument, now: Instant): Promise<PolicyPlan>;
  currentPolicy(tx: Transaction): Promise<Policy>;
  policyInForce(tx: Transaction): Promise<PolicyInForce>;
  /** What a process does at its start: takes the files' policy, unless that waits for a command. `differs`: it waits. */
  startPolicy(tx: Transaction): Promise<{ version: number; differs: boolean }>;
  /** Makes the configuration's policy the current version; when it is new, everybody is asked again, as a wave. */
  publishPolicy(tx: Transaction): Promise<{ version: number; added: boolean }>;
}

export function createLoop({ configuration, meter = noMeter }: { readonly configuration: Configuration; readonly meter?: Meter }): Loop {
  const mappings = Object.values(configuration.targets).map((target) => compileMapping(target, configuration.attributes));
  const context: LoopContext = { configuration, mappings };
  const known = new Map<number, PolicyInForce>();
  const digest = createHash('sha256').update(JSON.stringify(configuration.policy)).digest('hex');

  const policyInForce = async (tx: Transaction): Promise<PolicyInForce> => {
    const version = await tx.access.currentPolicyVersion();
    const stored = version === null ? null : (known.get(version) ?? (await tx.access.policy(version)));
    if (version === null || stored === null) throw new Error('no policy version is stored yet: publishPolicy has to run at start');
    if ('managed' in stored) return stored;
    const inForce = { policy: compilePolicy(stored.document, version), managed: await tx.access.managedEntitlements(version) };
    known.set(version, inForce);
    return inForce;
  };

  const decideMany = async (tx: Transaction, identityIds: readonly string[], trigger: Trigger, created: StoredIntake['created'] = new Map()) => {
    const begun = performance.now();
    const decisions = await decidePeople(tx, context, await policyInForce(tx), identityIds, trigger, created);
    for (let told = 0; told < decisions.size; told += 1) meter.decided(trigger, (performance.now() - begun) / decisions.size);
    return decisions;
  };
  const decide = async (tx: Transaction, identityId: string, trigger: Trigger): Promise<Decision> => {
    const decision = (await decideMany(tx, [identityId], trigger)).get(identityId);
    if (decision === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
    return decision;
  };
  const decideNews = async (tx: Transaction, { taken, created }: StoredIntake, trigger: Trigger): Promise<ReadonlyMap<string, Decision>> => {
    const news = taken.filter(({ outcome }) => outcome !== 'unchanged' && outcome !== 'stale');
    const ids = [...new Set(news.flatMap(({ identityId }) => identityId ?? []))];
    return ids.length === 0 ? new Map() : decideMany(tx, ids, trigger, created);
  };

  return {
    configuration,
    policyInForce,
    foresee: async (tx, question) => foresee(tx, context, await policyInForce(tx), question),
    forecast: async (tx, question) => forecast(tx, context, await policyInForce(tx), question),
    planPolicy: async (store, document, now) => planPolicy({ store, configuration, policyInForce: await store.read(policyInForce) }, document, now),
    currentPolicy: async (tx) => (await policyInForce(tx)).policy,
    decide,
    decideMany,
    async takeRecord(tx, incoming, trigger = 'record') {
      const stored = await storeRecords(tx, configuration, [incoming]);
      const [taken] = stored.taken;
      if (taken === undefined) throw new Error('every record is taken or refused');
      const decision = (await decideNews(tx, stored, trigger)).values().next().value;
      if (decision === undefined) return taken;
      if (decision.changed && taken.identityId !== null) await wake(tx, taken.identityId, trigger, decision.stage === 'leaving');
      return { ...taken, state: decision.state };
    },
    async takeRecords(tx, incoming) {
      const stored = await storeRecords(tx, configuration, incoming);
      await wakeMany(tx, await decideNews(tx, stored, 'record'), 'record');
      return stored.taken;
    },
    async startPolicy(tx) {
      const current = await tx.access.currentPolicy();
      if (current === null || configuration.applyPolicy === 'at-start') return { version: (await this.publishPolicy(tx)).version, differs: false };
      return { version: current.version, differs: current.digest !== digest };
    },
    async publishPolicy(tx) {
      const published = await tx.access.addPolicy(configuration.policy, digest, tx.context.now);
      if (published.added) {
        tx.audit.record({ action: 'policy.published', subjectKind: 'policy', subjectId: String(published.version), identityId: null, reason: { digest } });
        await openWave(tx, 'policy', 'everybody');
      }
      return published;
    },
  };
}
