import type { ActContext, HeldWave, Store } from '@tenure/store';
import { decisionOf, mustWait, tellBatch } from './batch-decision.ts';
import { closeBatchCase } from './batch-case.ts';

/**
 * Discards what waits of a batch change: as if it had never been said. What was approved of it before is carried out all the same. What the
 * sources say from now on counts as ever.
 * @throws CaseClosed when it was decided before
 */
export async function discardBatch({ store }: { readonly store: Store }, context: ActContext, id: string, reason: string): Promise<HeldWave> {
  return store.transaction(context, async (tx) => {
    const wave = mustWait(await tx.heldWaves.lock(id), id);
    const discarded = await tx.batchItems.settleRest(id, 'discarded', null, tx.context.now);
    await tx.heldWaves.discard(id, decisionOf(tx, reason));
    await closeBatchCase(tx, wave, 'discarded');
    tellBatch(tx, id, { action: 'wave.discarded', reason: { source: wave.source, policy: wave.policyDigest, people: discarded } });
    return (await tx.heldWaves.get(id)) ?? wave;
  });
}
