import type { BatchChange, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { budgetSourceOf, evaluateChanges } from './check-records.ts';
import { closeBatchCase, openBatchCase } from './batch-case.ts';
import { batchPlan, coversEverybody } from './batch-plan.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/**
 * Renews the plan of a batch change that waits for approval, and its case; one without any item left is closed. Must follow every change of its
 * items, in the same transaction: otherwise the plan that is approved is not the plan that was shown.
 * @param isLess true if items were only removed: an approval by the plan before remains valid for those that are left
 */
export async function refreshBatch(tx: Transaction, engine: Engine, batch: BatchChange, isLess: boolean): Promise<BatchChange> {
  const people = await tx.batchItems.people(batch.id);
  if (people.length === 0) await close(tx, batch);
  else {
    const budget = (await currentPolicy(tx, engine)).document.budget ?? {};
    const plan = batchPlan(people, await evaluateChanges(tx, budget, budgetSourceOf(batch), people), coversEverybody(batch));
    await tx.batchChanges.savePlan(batch.id, people.length, plan, isLess);
    await openBatchCase(tx, budget, batch, plan);
  }
  return (await tx.batchChanges.get(batch.id)) ?? batch;
}

/** Does the same for several batches; those that no longer wait for approval stay as they are. */
export async function refreshBatches(tx: Transaction, engine: Engine, ids: readonly string[], isLess: boolean): Promise<void> {
  for (const id of [...new Set(ids)].sort()) {
    const batch = await tx.batchChanges.lock(id);
    if (batch?.standing === 'held') await refreshBatch(tx, engine, batch, isLess);
  }
}

async function close(tx: Transaction, batch: BatchChange): Promise<void> {
  const { now: at, correlationId } = tx.context;
  const reason = 'nothing of it is left: approved in part, or replaced by newer records';
  await tx.batchChanges.discard(batch.id, { by: 'tenure', reason, at, correlationId });
  await closeBatchCase(tx, batch, reason);
  tx.audit.record({ action: 'wave.replaced', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason: { source: batch.source } });
}
