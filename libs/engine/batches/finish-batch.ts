import type { Transaction } from '@tenure/store';
import { itemWorkOf } from './item-work.ts';

/**
 * Removes the people of a finished batch; results are kept with each of them. A batch that waits for approval is not finished, nor are items that
 * were approved while this run came to its end. Safe to repeat.
 * @returns `again`: some items are still to be carried out
 */
export async function finishBatch(tx: Transaction, batchId: string): Promise<{ readonly again: boolean }> {
  const batch = await tx.batchRuns.lock(batchId);
  if (batch === null || batch.finishedAt !== null || batch.standing !== 'free') return { again: false };
  const tallyOf = async () => (await tx.batchItems.tally([batchId])).get(batchId);
  const hasItemWork = itemWorkOf(batch) !== null;
  if (hasItemWork && ((await tallyOf())?.pending ?? 0) > 0) return { again: true };
  // Everybody was evaluated: for those who are left nothing changes.
  if (!hasItemWork) await tx.batchItems.settleRest(batchId, 'fell-away', 'no-change', tx.context.now);
  await tx.batchRuns.finished(batchId, tx.context.now);
  const { carriedOut = 0, fellAway = 0 } = (await tallyOf()) ?? {};
  tx.audit.record({
    action: 'wave.finished',
    subjectKind: 'wave',
    subjectId: batchId,
    identityId: null,
    reason: { people: batch.people, carriedOut, fellAway },
  });
  return { again: false };
}
