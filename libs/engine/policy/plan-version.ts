import type { Settings } from '@tenure/config';
import type { Instant, PolicyDocument } from '@tenure/domain';
import type { BatchPlan, Store, Transaction } from '@tenure/store';
import { batchPlan } from '../batches/batch-plan.ts';
import { evaluateChanges } from '../batches/check-records.ts';
import type { Engine } from '../decide/engine.ts';
import { configurationInForce, withoutSecrets } from './configuration-in-force.ts';
import { planPolicy, type PlanPolicyDependencies } from './plan-policy.ts';
import type { PeopleToAsk, PlannedPerson, PolicyPlan } from './policy-plan.ts';
import { newestPolicy } from './read-policy.ts';

/** A batch change as it is planned: the plan, and the people in it. */
export interface PlannedBatch {
  readonly plan: BatchPlan;
  readonly people: readonly PlannedPerson[];
}

/** Each page in a transaction of its own, so that a question about everybody blocks nobody. */
export function pageByPage(store: Store): PeopleToAsk {
  return {
    page: (after, limit, matter) => store.read((tx) => tx.people.page(after, limit, matter)),
    accounts: (ids) => store.read((tx) => tx.people.accounts(ids)),
  };
}

/** Changes of a policy for everybody, with the configuration's own tenure.yaml. Writes nothing. @throws PolicyInvalid */
export async function planVersion(store: Store, engine: Engine, document: PolicyDocument, now: Instant): Promise<PolicyPlan> {
  const dependencies = await store.read((tx) => planFor(tx, engine, document, engine.configuration.settings));
  return planPolicy({ people: pageByPage(store), ...dependencies }, document, now);
}

/** Changes of a policy for everybody, in one transaction. @param settings tenure.yaml of the version; absent: the one in force */
export async function planVersionIn(tx: Transaction, engine: Engine, document: PolicyDocument, settings: Settings | undefined): Promise<PolicyPlan> {
  return planPolicy({ people: tx.people, ...(await planFor(tx, engine, document, settings)) }, document, tx.context.now);
}

/**
 * Changes of a version for everybody, as the change budget in force counts them.
 * @param settings tenure.yaml of it; absent: the one in force
 * @throws PolicyInvalid
 */
export async function weighVersion(tx: Transaction, engine: Engine, document: PolicyDocument, settings?: Settings): Promise<PlannedBatch> {
  return weighPlan(tx, engine, await planVersionIn(tx, engine, document, settings));
}

/** A plan as the change budget in force counts it. */
export async function weighPlan(tx: Transaction, engine: Engine, { batch: people }: Pick<PolicyPlan, 'batch'>): Promise<PlannedBatch> {
  const { budget = {} } = (await newestPolicy(tx, engine)).policy.document;
  return { plan: batchPlan(people, await evaluateChanges(tx, budget, null, people)), people };
}

async function planFor(
  tx: Transaction,
  engine: Engine,
  document: PolicyDocument,
  settings: Settings | undefined,
): Promise<Omit<PlanPolicyDependencies, 'people'>> {
  const { configuration } = engine;
  const policy = await newestPolicy(tx, engine);
  const { settingsDigest = null } = (await tx.access.currentPolicy()) ?? {};
  const inForce = { configuration: await configurationInForce(tx, configuration), policyInForce: policy };
  if (settings === undefined || settingsDigest === null || settings.digest === settingsDigest) return inForce;
  const own = settings === configuration.settings ? configuration : await withoutSecrets(configuration, settings, document, policy.policy.version + 1);
  return { ...inForce, settings: { configuration: own, digest: settings.digest } };
}
