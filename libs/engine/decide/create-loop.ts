import { createHash } from 'node:crypto';
import type { Configuration } from '@tenure/config';
import { compileMapping, compilePolicy, NotFound, offered, type Policy, type PolicyDocument, type Trigger } from '@tenure/domain';
import type { Store, Transaction } from '@tenure/store';
import { closePolicies, holdPolicy, policyItems } from '../batches/hold-policy.ts';
import { judgeHeld } from '../batches/judge-records.ts';
import { wavePlan } from '../batches/wave-plan.ts';
import { decidePeople } from './decide-identity.ts';
import { hasRightsInTenure } from '../callers/has-rights-in-tenure.ts';
import { type Meter, noMeter } from './meter.ts';
import { planPolicy } from '../policy/plan-policy.ts';
import type { LoopContext, PolicyInForce } from '../policy/policy-in-force.ts';
import { openWave, wakeMany } from '../batches/open-wave.ts';
import { type StoredIntake, storeRecords } from '../intake/store-records.ts';
import type { Decision } from './decision.ts';
import { wake } from './wake.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';
import type { PeopleToAsk, PolicyPlan } from '../policy/policy-plan.ts';
import type { JudgePeople, Loop, PlannedBatch } from './loop.ts';
import type { RecordChanges, TakenRecord } from '../intake/taken-record.ts';

/** Each page by itself, so that a question about everybody holds nobody up. */
export function pageByPage(store: Store): PeopleToAsk {
  return {
    page: (after, limit, matter) => store.read((tx) => tx.people.page(after, limit, matter)),
    accounts: (ids) => store.read((tx) => tx.people.accounts(ids)),
  };
}

export function createLoop({ configuration, meter = noMeter }: { readonly configuration: Configuration; readonly meter?: Meter }): Loop {
  const mappings = Object.values(configuration.targets).map((target) => compileMapping(target, configuration.attributes));
  const context: LoopContext = { configuration, mappings };
  const known = new Map<number, PolicyInForce>();
  const digest = createHash('sha256').update(JSON.stringify(configuration.policy)).digest('hex');

  const policyOf = async (tx: Transaction, version: number | null): Promise<PolicyInForce> => {
    const stored = version === null ? null : (known.get(version) ?? (await tx.access.policy(version)));
    if (version === null || stored === null) throw new Error('no policy version is stored yet: publishPolicy has to run at start');
    if ('managed' in stored) return stored;
    const inForce = { policy: compilePolicy(stored.document, version), managed: await tx.access.managedEntitlements(version) };
    known.set(version, inForce);
    return inForce;
  };
  const policyInForce = async (tx: Transaction): Promise<PolicyInForce> => policyOf(tx, await tx.access.currentPolicyVersion());
  const policyToDecideBy = async (tx: Transaction): Promise<PolicyInForce> => policyOf(tx, await tx.access.policyVersionToDecideBy());

  const currentPolicy = async (tx: Transaction): Promise<Policy> => (await policyInForce(tx)).policy;

  const planIn = async (tx: Transaction, document: PolicyDocument): Promise<PolicyPlan> =>
    planPolicy({ people: tx.people, configuration, policyInForce: await policyInForce(tx) }, document, tx.context.now);
  const weighed = async (tx: Transaction, { wave: people }: PolicyPlan): Promise<PlannedBatch> => ({
    plan: wavePlan(people, await judgeHeld(tx, (await policyInForce(tx)).policy.document.budget ?? {}, null, people)),
    people,
  });

  const decideBy = async (
    tx: Transaction,
    policy: Promise<PolicyInForce>,
    identityIds: readonly string[],
    trigger: Trigger,
    created: StoredIntake['created'] = new Map(),
    judge?: JudgePeople,
  ): Promise<ReadonlyMap<string, Decision>> => {
    const begun = performance.now();
    const decisions = await decidePeople(tx, context, policy, identityIds, trigger, created, judge);
    for (let told = 0; told < decisions.size; told += 1) meter.decided(trigger, (performance.now() - begun) / decisions.size);
    return decisions;
  };
  const decideMany: Loop['decideMany'] = (tx, identityIds, trigger, judge) => decideBy(tx, policyToDecideBy(tx), identityIds, trigger, new Map(), judge);
  const decide = async (tx: Transaction, identityId: string, trigger: Trigger): Promise<Decision> => {
    const decision = (await decideMany(tx, [identityId], trigger)).get(identityId);
    if (decision === undefined) throw new NotFound(`there is no identity ${identityId}`, { identityId });
    return decision;
  };
  const takeAndDecide = async (
    tx: Transaction,
    incoming: readonly IncomingRecord[],
    trigger: Trigger,
    judge?: (stored: StoredIntake) => JudgePeople,
  ): Promise<{ readonly stored: StoredIntake; readonly decisions: ReadonlyMap<string, Decision> }> => {
    // Before any lock on a record or a person: who waits for those must not be waited for by a version that comes into force.
    const policy = policyToDecideBy(tx);
    const [stored] = await Promise.all([
      storeRecords(tx, { configuration, hasRights: (id) => hasRightsInTenure(tx, { currentPolicy }, id) }, incoming),
      policy,
    ]);
    const news = stored.taken.filter(({ outcome }) => !nothingNew.includes(outcome));
    const ids = [...new Set(news.flatMap(({ identityId }) => identityId ?? []))];
    return { stored, decisions: ids.length === 0 ? new Map() : await decideBy(tx, policy, ids, trigger, stored.created, judge?.(stored)) };
  };

  return {
    configuration,
    policyInForce,
    planPolicy: async (store, document, now) =>
      planPolicy({ people: pageByPage(store), configuration, policyInForce: await store.read(policyInForce) }, document, now),
    currentPolicy,
    decide,
    decideMany,
    async takeRecord(tx, incoming, trigger = 'record') {
      const { stored, decisions } = await takeAndDecide(tx, [incoming], trigger);
      const [taken] = stored.taken;
      if (taken === undefined) throw new Error('every record is taken or refused');
      const decision = decisions.values().next().value;
      if (decision === undefined) return taken;
      if (decision.changed && taken.identityId !== null) await wake(tx, taken.identityId, trigger, decision.stage === 'leaving');
      return { ...taken, state: decision.state, ...(decision.isSettled === undefined ? {} : { isSettled: decision.isSettled }) };
    },
    async takeRecords(tx, incoming, judge) {
      const ofEach =
        judge &&
        ((stored: StoredIntake): JudgePeople =>
          async (changes) =>
            judge(changesOfRecords(incoming, stored, changes)));
      const { stored, decisions } = await takeAndDecide(tx, incoming, 'record', ofEach);
      await wakeMany(tx, decisions, 'record');
      return stored.taken;
    },
    async startPolicy(tx) {
      const current = await tx.access.currentPolicy();
      const known = current === null ? null : await tx.heldWaves.ofPolicy(digest);
      if (current !== null && current.digest !== digest && (configuration.applyPolicy === 'by-command' || known?.standing === 'discarded'))
        return { version: current.version, differs: true, heldIn: null };
      const { version, heldIn } = await this.publishPolicy(tx);
      return { version, differs: heldIn !== null, heldIn };
    },
    async publishPolicy(tx, approved) {
      // Others who publish wait for this one, and find what it has left.
      await tx.access.lockPolicies();
      const current = await tx.access.currentPolicy();
      if (current === null) return { ...(await this.putInForce(tx, configuration.policy, digest)), heldIn: null };
      if (current.digest === digest) return { version: current.version, added: false, heldIn: null };
      const whole = await planIn(tx, configuration.policy);
      if (approved !== undefined && whole.digest !== approved) return { version: current.version, added: false, heldIn: null, otherwise: whole };
      const batch = await weighed(tx, whole);
      if (!batch.plan.changes.some(({ isOver }) => isOver)) return { ...(await this.putInForce(tx, configuration.policy, digest, batch)), heldIn: null };
      const { budget = {} } = (await policyInForce(tx)).policy.document;
      return { version: current.version, added: false, heldIn: (await holdPolicy(tx, budget, { document: configuration.policy, digest, ...batch })).id };
    },
    async weighPolicy(tx, document) {
      return weighed(tx, await planIn(tx, document));
    },
    async putInForce(tx, document, documentDigest, as) {
      await tx.access.lockPolicies();
      await closePolicies(tx, documentDigest, as !== undefined && 'batchId' in as ? as.batchId : null);
      const published = await tx.access.addPolicy(document, documentDigest, tx.context.now);
      if (published.added) {
        tx.audit.record({
          action: 'policy.published',
          subjectKind: 'policy',
          subjectId: String(published.version),
          identityId: null,
          reason: { digest: documentDigest },
        });
        if (as !== undefined && 'batchId' in as) await tx.waves.fill(as.batchId, tx.context);
        else {
          const wave = await openWave(tx, 'policy', 'everybody', as && { policyDigest: documentDigest, plan: as.plan });
          if (wave !== null && as !== undefined) await tx.batchItems.add(wave.id, policyItems(as.people), tx.context.now);
        }
        // What nobody may be given any more is not waited for.
        await tx.requests.wakeAskedFor(offered(document.requestable), tx.context);
      }
      return published;
    },
  };
}

/** Outcomes of a taken record that carry no new information. */
const nothingNew: readonly TakenRecord['outcome'][] = ['unchanged', 'stale', 'conflict'];

function changesOfRecords(incoming: readonly IncomingRecord[], { taken }: StoredIntake, changes: Parameters<JudgePeople>[0]): readonly RecordChanges[] {
  return taken.flatMap((one, index): RecordChanges[] => {
    const record = incoming[index];
    const { changes: own = [], before = null, after = null } = changes.get(one.identityId ?? '') ?? {};
    return record === undefined ? [] : [{ incoming: record, taken: one, changes: own, before, after }];
  });
}
