import { createHash } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import { compileMapping, compilePolicy, type Instant, type Policy, type PolicyDocument } from '@tenure/domain';
import type { Store, Transaction, Trigger } from '@tenure/store';
import { forecast, foresee, type Foresight, type ForeseenChange } from './foresee.ts';
import { decideIdentity, decidePeople, type Decision } from './decide-identity.ts';
import { type Meter, noMeter } from './meter.ts';
import { planPolicy, type PolicyPlan } from './policy/plan-policy.ts';
import type { LoopContext, PolicyInForce } from './policy-in-force.ts';
import { openWave, wakeMany } from './wave/open-wave.ts';
import { type IncomingRecord, storeRecord, type TakenRecord, wake } from './take-record.ts';

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

  const decide = async (tx: Transaction, identityId: string, trigger: Trigger): Promise<Decision> => {
    const begun = performance.now();
    const decision = await decideIdentity(tx, context, await policyInForce(tx), identityId, trigger);
    meter.decided(trigger, performance.now() - begun);
    return decision;
  };

  return {
    configuration,
    policyInForce,
    foresee: async (tx, question) => foresee(tx, context, await policyInForce(tx), question),
    forecast: async (tx, question) => forecast(tx, context, await policyInForce(tx), question),
    planPolicy: async (store, document, now) => planPolicy({ store, configuration, policyInForce: await store.read(policyInForce) }, document, now),
    currentPolicy: async (tx) => (await policyInForce(tx)).policy,
    decide,
    async decideMany(tx, identityIds, trigger) {
      const begun = performance.now();
      const decisions = await decidePeople(tx, context, await policyInForce(tx), identityIds, trigger);
      for (let told = 0; told < decisions.size; told += 1) meter.decided(trigger, (performance.now() - begun) / decisions.size);
      return decisions;
    },
    async takeRecord(tx, incoming, trigger = 'record') {
      const taken = await storeRecord(tx, configuration, incoming);
      if (taken.identityId === null || taken.outcome === 'unchanged' || taken.outcome === 'stale') return taken;
      const decision = await decide(tx, taken.identityId, trigger);
      if (decision.changed) await wake(tx, taken.identityId, trigger, decision.stage === 'leaving');
      return taken;
    },
    async takeRecords(tx, incoming) {
      const taken: TakenRecord[] = [];
      for (const record of incoming) taken.push(await storeRecord(tx, configuration, record));
      const news = taken.filter(({ outcome }) => outcome !== 'unchanged' && outcome !== 'stale');
      const ids = [...new Set(news.flatMap(({ identityId }) => identityId ?? []))];
      await wakeMany(tx, await this.decideMany(tx, ids, 'record'), 'record');
      return taken;
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
