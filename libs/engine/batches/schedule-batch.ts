import type { BatchItem, BatchChange, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { asPerson, type BatchRelease, decisionOf, auditBatch } from './batch-decision.ts';
import { closeBatchCase } from './batch-case.ts';
import { batchPlan, coversEverybody } from './batch-plan.ts';
import { budgetSourceOf, evaluateChanges } from './check-records.ts';
import { refreshBatch } from './refresh-batch.ts';

/** Schedules approved items: the whole batch change, or those that become a batch change of their own. @returns the batch that carries them out */
export async function schedule(
  tx: Transaction,
  engine: Engine,
  batch: BatchChange,
  approved: readonly BatchItem[],
  { digest, reason, part }: BatchRelease,
): Promise<string | null> {
  const decision = decisionOf(tx, reason);
  const people = await tx.batchItems.people(batch.id);
  const said = { source: batch.source, digest, records: approved.length, of: people.length };
  if (approved.length === 0) {
    await refreshBatch(tx, engine, batch, true);
    return null;
  }
  if (approved.length === people.length) {
    await tx.batchChanges.release(batch.id, decision);
    await tx.batchItems.tryAnew(batch.id);
    await closeBatchCase(tx, batch, 'released');
    auditBatch(tx, batch.id, { action: 'wave.released', reason: said });
    return batch.id;
  }
  const own = approved.map(asPerson);
  const plan = batchPlan(
    own,
    await evaluateChanges(tx, (await currentPolicy(tx, engine)).document.budget ?? {}, budgetSourceOf(batch), own),
    coversEverybody(batch),
  );
  const as = await tx.batchChanges.releasePart(batch, approved.length, plan, decision);
  await tx.batchItems.move(
    batch.id,
    as,
    approved.map(({ key }) => key),
  );
  await tx.batchItems.tryAnew(as);
  const chosenBy = { people: part.identityIds?.length ?? null, kinds: part.kinds ?? null };
  auditBatch(tx, batch.id, { action: 'wave.released', reason: { ...said, as, part: chosenBy } });
  await refreshBatch(tx, engine, batch, true);
  return as;
}
