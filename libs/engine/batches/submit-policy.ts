import type { Settings } from '@tenure/config';
import type { ChangeBudget, PolicyDocument } from '@tenure/domain';
import type { BatchChange, NewBatchItem, Transaction, BatchPlan } from '@tenure/store';
import { closeBatchCase, openBatchCase } from './batch-case.ts';
import type { PlannedPerson } from '../policy/policy-plan.ts';

/** Policy that is not in force, with its changes for everybody. */
export interface WeighedPolicy {
  readonly document: PolicyDocument;
  /** SHA-256 of it, and of tenure.yaml where that is another one. */
  readonly digest: string;
  /** tenure.yaml that comes into force with it; absent: the one that is in force stays. */
  readonly settings?: Settings | undefined;
  readonly plan: BatchPlan;
  readonly people: readonly PlannedPerson[];
}

/** Keeps a policy that would change too much at once. The same policy only renews its plan; another one replaces it. */
export async function submitPolicy(tx: Transaction, budget: ChangeBudget, { document, digest, settings, plan, people }: WeighedPolicy): Promise<BatchChange> {
  const known = (await tx.batchChanges.policiesWaiting()).find(({ policyDigest }) => policyDigest === digest);
  await closePolicies(tx, digest, known?.id ?? null);
  const batch = known ?? (await openBatchChange(tx, { document, digest, settings, plan, people }));
  if (known !== undefined) {
    // Somebody may be deciding about it.
    if ((await tx.batchChanges.lock(known.id))?.standing !== 'held') return known;
    await tx.batchItems.settleRest(known.id, 'fell-away', 'no-change', tx.context.now);
    await tx.batchChanges.savePlan(known.id, plan.people, plan);
  }
  await tx.batchItems.add(batch.id, policyItems(people), tx.context.now);
  await openBatchCase(tx, budget, batch, plan);
  return { ...batch, plan };
}

/**
 * Closes older policies that wait for approval, since only the newest counts. Callers have locked with `lockPolicies`.
 * @param digest of the newest
 * @param except the batch in which that one waits itself
 */
export async function closePolicies(tx: Transaction, digest: string, except: string | null): Promise<void> {
  const { now: at, correlationId } = tx.context;
  for (const { id, policyDigest } of await tx.batchChanges.policiesWaiting()) {
    const other = id === except ? null : await tx.batchChanges.lock(id);
    if (other === null || other.standing !== 'held') continue;
    const reason = policyDigest === digest ? 'it is in force' : 'another policy took its place';
    await tx.batchItems.settleRest(id, 'fell-away', policyDigest === digest ? 'in-force' : 'other-policy', at);
    await tx.batchChanges.discard(id, { by: 'tenure', reason, at, correlationId });
    await closeBatchCase(tx, other, reason);
    tx.audit.record({ action: 'wave.replaced', subjectKind: 'wave', subjectId: id, identityId: null, reason: { policy: policyDigest, by: digest } });
  }
}

/** People whom a policy version changes, as items of its batch. */
export function policyItems(people: readonly PlannedPerson[]): readonly NewBatchItem[] {
  return people.map(({ key, identityId, changes, before, after }) => ({
    key,
    source: null,
    version: null,
    record: null,
    hasVanished: false,
    identityId,
    changes,
    before,
    after,
  }));
}

async function openBatchChange(tx: Transaction, { document: policy, digest: policyDigest, settings, plan }: WeighedPolicy): Promise<BatchChange> {
  const more = settings === undefined ? {} : { settings };
  const batch = await tx.batchChanges.open({ trigger: 'policy', source: null, people: plan.people, plan, policy, policyDigest, ...more }, tx.context);
  tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason: { trigger: 'policy', policy: policyDigest } });
  return batch;
}
