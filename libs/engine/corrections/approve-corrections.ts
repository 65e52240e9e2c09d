import type { ActContext, BatchChange, Store } from '@tenure/store';
import { approvalOf, type ApprovedBatch, type BatchRelease, mustBeSeen, mustWait } from '../batches/batch-decision.ts';
import { schedule } from '../batches/schedule-batch.ts';
import type { Engine } from '../decide/engine.ts';
import { refreshCorrections } from './submit-corrections.ts';

/**
 * Approves corrections that wait, or part of them. Findings that have closed meanwhile fall away first; what is approved is looked at once more in the
 * target before it is changed.
 * @throws BatchPlanChanged when it would do more than was shown
 */
export async function approveCorrections(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  { id }: BatchChange,
  release: BatchRelease,
): Promise<ApprovedBatch> {
  return store.transaction(context, async (tx) => {
    const locked = await refreshCorrections(tx, engine, mustWait(await tx.batchChanges.lock(id), id), []);
    if (locked.standing !== 'held') return { batch: locked, approval: await approvalOf(tx, id, release.part, 0, null) };
    mustBeSeen(locked, release.digest);
    const approved = await tx.batchItems.pendingOf(id, release.part);
    const scheduledIn = await schedule(tx, engine, locked, approved, release);
    if (scheduledIn !== null && scheduledIn !== id) await tx.findings.moveToBatch(id, scheduledIn);
    return { batch: (await tx.batchChanges.get(id)) ?? locked, approval: await approvalOf(tx, id, release.part, approved.length, scheduledIn) };
  });
}
