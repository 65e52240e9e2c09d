import type { ActContext, BatchChange, Store } from '@tenure/store';
import { decisionOf, mustWait, auditBatch } from './batch-decision.ts';
import { closeBatchCase } from './batch-case.ts';

/**
 * Discards the waiting items of a batch change, as if they had never been sent. Items that were approved before are carried out all the same. Later
 * records of the sources are taken as usual.
 * @throws CaseClosed when it was decided before
 */
export async function discardBatch({ store }: { readonly store: Store }, context: ActContext, id: string, reason: string): Promise<BatchChange> {
  return store.transaction(context, async (tx) => {
    const batch = mustWait(await tx.batchChanges.lock(id), id);
    const discarded = await tx.batchItems.settleRest(id, 'discarded', null, tx.context.now);
    await tx.batchChanges.discard(id, decisionOf(tx, reason));
    await closeBatchCase(tx, batch, 'discarded');
    auditBatch(tx, id, { action: 'wave.discarded', reason: { source: batch.source, policy: batch.policyDigest, people: discarded } });
    return (await tx.batchChanges.get(id)) ?? batch;
  });
}
