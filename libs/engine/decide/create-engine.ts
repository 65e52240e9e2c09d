import { createHash } from 'node:crypto';
import type { Configuration, Settings } from '@tenure/config';
import { compileMapping, compilePolicy, NotFound, offered, type Policy, type PolicyDocument, type Trigger } from '@tenure/domain';
import type { NewestVersions, Store, Transaction } from '@tenure/store';
import { closePolicies, submitPolicy, policyItems } from '../batches/submit-policy.ts';
import { evaluateChanges } from '../batches/check-records.ts';
import { batchPlan } from '../batches/batch-plan.ts';
import { decidePeople } from './decide-people.ts';
import { hasRightsInTenure } from '../callers/has-rights-in-tenure.ts';
import { type Meter, noMeter } from './meter.ts';
import { configurationInForce, withoutSecrets } from '../policy/configuration-in-force.ts';
import { planPolicy, type PlanPolicyDependencies } from '../policy/plan-policy.ts';
import { versionDigest } from '../policy/version-digest.ts';
import type { DecisionContext, PolicyInForce } from '../policy/policy-in-force.ts';
import { openBatch, wakeMany } from '../batches/open-batch.ts';
import { compileClaimMappings } from '../intake/claim-mappings.ts';
import { type StoredIntake, storeRecords } from '../intake/store-records.ts';
import { configurationDigest } from '../login/configuration-digest.ts';
import type { Decision } from './decision.ts';
import { wake } from './wake.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';
import type { PeopleToAsk, PolicyPlan } from '../policy/policy-plan.ts';
import type { CheckPeople, Loop, PlannedBatch } from './engine.ts';
import type { RecordChanges, TakenRecord } from '../intake/taken-record.ts';

/** Each page by itself, so that a question about everybody holds nobody up. */
export function pageByPage(store: Store): PeopleToAsk {
  return {
    page: (after, limit, matter) => store.read((tx) => tx.people.page(after, limit, matter)),
    accounts: (ids) => store.read((tx) => tx.people.accounts(ids)),
  };
}

/** Version that the files would put in force. */
interface VersionAsked {
  readonly digest: string;
  /** Absent: tenure.yaml stays as it is. */
  readonly settings: Settings | undefined;
}

/** Milliseconds after which somebody whom a process has decided by an older version is decided again. */
const againAfter = 60_000;

/**
 * @param keepsTo SHA-256 of the tenure.yaml that this process has taken over: versions with another one are not decided by. Absent: whatever the
 * newest version says is decided by, for tools and tests that are no process of an installation
 */
export function createLoop({
  configuration,
  meter = noMeter,
  keepsTo,
}: {
  readonly configuration: Configuration;
  readonly meter?: Meter;
  readonly keepsTo?: string;
}): Loop {
  const mappings = Object.values(configuration.targets).map((target) => compileMapping(target, configuration.attributes));
  const context: DecisionContext = { configuration, mappings };
  const claims = compileClaimMappings(configuration);
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
  /** Of these versions, the one that this process may decide by. */
  const ownOf = async (tx: Transaction, { newest, own }: NewestVersions): Promise<PolicyInForce> => {
    const inForce = await policyOf(tx, own ?? newest);
    return own !== null && own !== newest ? { ...inForce, isBehind: true } : inForce;
  };
  const policyInForce = async (tx: Transaction): Promise<PolicyInForce> =>
    keepsTo === undefined ? policyOf(tx, await tx.access.currentPolicyVersion()) : ownOf(tx, await tx.access.versionsWith(keepsTo));
  const policyToDecideBy = async (tx: Transaction): Promise<PolicyInForce> =>
    keepsTo === undefined ? policyOf(tx, await tx.access.policyVersionToDecideBy()) : ownOf(tx, await tx.access.versionsToDecideBy(keepsTo));

  const currentPolicy = async (tx: Transaction): Promise<Policy> => (await policyInForce(tx)).policy;

  /** The newest, whatever this process has taken over: what another version is compared with. */
  const newestPolicy = async (tx: Transaction): Promise<PolicyInForce> => policyOf(tx, await tx.access.currentPolicyVersion());
  const planFor = async (tx: Transaction, settings: Settings | undefined, document: PolicyDocument): Promise<Omit<PlanPolicyDependencies, 'people'>> => {
    const policy = await newestPolicy(tx);
    const { settingsDigest = null } = (await tx.access.currentPolicy()) ?? {};
    const inForce = { configuration: await configurationInForce(tx, configuration), policyInForce: policy };
    if (settings === undefined || settingsDigest === null || settings.digest === settingsDigest) return inForce;
    const own = settings === configuration.settings ? configuration : await withoutSecrets(configuration, settings, document, policy.policy.version + 1);
    return { ...inForce, settings: { configuration: own, digest: settings.digest } };
  };
  const planIn = async (tx: Transaction, document: PolicyDocument, settings?: Settings): Promise<PolicyPlan> =>
    planPolicy({ people: tx.people, ...(await planFor(tx, settings, document)) }, document, tx.context.now);
  const weighed = async (tx: Transaction, { batch: people }: PolicyPlan): Promise<PlannedBatch> => ({
    plan: batchPlan(people, await evaluateChanges(tx, (await newestPolicy(tx)).policy.document.budget ?? {}, null, people)),
    people,
  });

  const decideBy = async (
    tx: Transaction,
    policy: Promise<PolicyInForce>,
    identityIds: readonly string[],
    trigger: Trigger,
    created: StoredIntake['created'] = new Map(),
    judge?: CheckPeople,
  ): Promise<ReadonlyMap<string, Decision>> => {
    const begun = performance.now();
    const decisions = await decidePeople(tx, context, policy, identityIds, trigger, created, judge);
    if ((await policy).isBehind === true)
      await tx.outbox.addLater(identityIds, { trigger: 'policy', correlationId: tx.context.correlationId, createdAt: tx.context.now }, againAfter);
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
    judge?: (stored: StoredIntake) => CheckPeople,
  ): Promise<{ readonly stored: StoredIntake; readonly decisions: ReadonlyMap<string, Decision> }> => {
    // Before any lock on a record or a person: who waits for those must not be waited for by a version that comes into force.
    const policy = policyToDecideBy(tx);
    const [stored] = await Promise.all([
      storeRecords(tx, { configuration, claims, hasRights: (id) => hasRightsInTenure(tx, { currentPolicy }, id) }, incoming),
      policy,
    ]);
    const news = stored.taken.filter(({ outcome }) => !nothingNew.includes(outcome));
    const ids = [...new Set(news.flatMap(({ identityId }) => identityId ?? []))];
    return { stored, decisions: ids.length === 0 ? new Map() : await decideBy(tx, policy, ids, trigger, stored.created, judge?.(stored)) };
  };

  /** Part of the files that is not in force; `null`: all of it is. `digest`: of a batch change that would put it in force. */
  const differenceFrom = (current: { readonly digest: string; readonly settingsDigest: string | null } | null): VersionAsked | null => {
    if (current === null) return { digest, settings: undefined };
    const { settings } = configuration;
    const isOther = settings !== undefined && current.settingsDigest !== null && settings.digest !== current.settingsDigest;
    if (!isOther && current.digest === digest) return null;
    return { digest: versionDigest(digest, isOther ? settings.digest : null), settings: isOther ? settings : undefined };
  };
  /** Of targets that another tenure.yaml would remove. */
  const removedInUse = async (tx: Transaction, settings: Settings | undefined): Promise<Readonly<Record<string, number>>> => {
    if (settings === undefined) return {};
    const { targets } = await configurationInForce(tx, configuration);
    return tx.access.accountsInUse(Object.keys(targets).filter((name) => !Object.hasOwn(configuration.targets, name)));
  };
  const addVersion = async (
    tx: Transaction,
    document: PolicyDocument,
    policyDigest: string,
    settings?: Settings,
  ): Promise<{ version: number; added: boolean }> => {
    const { actor, now } = tx.context;
    const published = await tx.access.addPolicy(document, policyDigest, now, `${actor.kind} ${actor.id}`, settings);
    if (published.added)
      tx.audit.record({
        action: 'policy.published',
        subjectKind: 'policy',
        subjectId: String(published.version),
        identityId: null,
        reason: { digest: policyDigest, ...(settings === undefined ? {} : { settings: settings.digest }) },
      });
    return published;
  };

  return {
    configuration,
    claims,
    configurationDigest: configurationDigest(configuration),
    policyInForce,
    planPolicy: async (store, document, now) =>
      planPolicy({ people: pageByPage(store), ...(await store.read((tx) => planFor(tx, configuration.settings, document))) }, document, now),
    isBehind: async (tx) => keepsTo !== undefined && (await policyInForce(tx)).isBehind === true,
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
        ((stored: StoredIntake): CheckPeople =>
          async (changes) =>
            judge(changesOfRecords(incoming, stored, changes)));
      const { stored, decisions } = await takeAndDecide(tx, incoming, 'record', ofEach);
      await wakeMany(tx, decisions, 'record');
      return stored.taken;
    },
    async startPolicy(tx) {
      const current = await tx.access.currentPolicy();
      const asked = differenceFrom(current);
      if (current !== null && asked !== null) {
        const known = await tx.batchChanges.ofPolicy(asked.digest);
        if (configuration.applyPolicy === 'by-command' || known?.standing === 'discarded') return { version: current.version, differs: true, waitsIn: null };
      }
      const { version, waitsIn, inUse } = await this.publishPolicy(tx);
      return { version, differs: waitsIn !== null || inUse !== undefined, waitsIn, ...(inUse === undefined ? {} : { inUse }) };
    },
    async publishPolicy(tx, approved) {
      // Others who publish wait for this one, and find what it has left.
      await tx.access.lockPolicies();
      const { policy: document, settings } = configuration;
      const current = await tx.access.currentPolicy();
      if (current === null) return { ...(await this.putInForce(tx, document, digest, undefined, settings)), waitsIn: null };
      const asked = differenceFrom(current);
      const stays = { version: current.version, added: false, heldIn: null };
      if (asked === null) {
        // Of a version from before tenure.yaml was kept: it is in force already, so nobody is asked again.
        if (current.settingsDigest === null && settings !== undefined) return { ...(await addVersion(tx, document, digest, settings)), waitsIn: null };
        return stays;
      }
      const inUse = await removedInUse(tx, asked.settings);
      if (Object.keys(inUse).length > 0) return { ...stays, inUse };
      const whole = await planIn(tx, document, settings);
      if (approved !== undefined && whole.digest !== approved) return { ...stays, otherwise: whole };
      const batch = await weighed(tx, whole);
      if (!batch.plan.changes.some(({ isOver }) => isOver)) return { ...(await this.putInForce(tx, document, digest, batch, settings)), waitsIn: null };
      const { budget = {} } = (await newestPolicy(tx)).policy.document;
      return { ...stays, waitsIn: (await submitPolicy(tx, budget, { document, ...asked, ...batch })).id };
    },
    async weighPolicy(tx, document, settings) {
      return weighed(tx, await planIn(tx, document, settings));
    },
    async putInForce(tx, document, documentDigest, as, settings) {
      await tx.access.lockPolicies();
      const { settingsDigest = null } = (await tx.access.currentPolicy()) ?? {};
      const changed = settings !== undefined && settingsDigest !== null && settings.digest !== settingsDigest ? settings.digest : null;
      await closePolicies(tx, versionDigest(documentDigest, changed), as !== undefined && 'batchId' in as ? as.batchId : null);
      const published = await addVersion(tx, document, documentDigest, settings);
      if (published.added) {
        if (as !== undefined && 'batchId' in as) await tx.batchRuns.fill(as.batchId, tx.context);
        else {
          const batch = await openBatch(tx, 'policy', 'everybody', as && { policyDigest: documentDigest, plan: as.plan });
          if (batch !== null && as !== undefined) await tx.batchItems.add(batch.id, policyItems(as.people), tx.context.now);
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

function changesOfRecords(incoming: readonly IncomingRecord[], { taken }: StoredIntake, changes: Parameters<CheckPeople>[0]): readonly RecordChanges[] {
  return taken.flatMap((one, index): RecordChanges[] => {
    const record = incoming[index];
    const { changes: own = [], before = null, after = null } = changes.get(one.identityId ?? '') ?? {};
    return record === undefined ? [] : [{ incoming: record, taken: one, changes: own, before, after }];
  });
}
