import type { SettledItem } from '@tenure/store';
import { type CarryOutDependencies, carryOutItems } from '../carry-out-items.ts';
import { undoItems } from './undo-items.ts';
import { keyOf, undoneItems } from './undo-item.ts';

/** Carries out the pending items of an undo. @throws the first failure, once all the others are through */
export function carryOutUndo(dependencies: CarryOutDependencies, batchId: string): Promise<void> {
  return carryOutItems(dependencies, batchId, undoSome);
}

/** Undoes some of the items. The batch is locked first: other transactions that carry it out, or decide about it, wait. */
function undoSome({ store, engine, context }: CarryOutDependencies, batchId: string, after: string | null, limit: number): Promise<void> {
  return store.transaction(context(), async (tx) => {
    const batch = await tx.batchRuns.lock(batchId);
    if (batch?.standing !== 'free' || batch.origin?.kind !== 'undo') return;
    const pending = await tx.batchItems.pending(batchId, after, limit);
    const restored = await undoItems(tx, engine, { id: batchId, origin: batch.origin }, await undoneItems(tx, pending));
    const settled = new Map(restored.map((one) => [keyOf(one.undone), one]));
    const results = pending.map(({ key }): SettledItem => {
      const { identityId = null, reason = 'content-unknown' as const, before = null, after: then = null } = settled.get(key) ?? {};
      return { key, identityId, result: reason === null ? 'carried-out' : 'fell-away', reason, before, after: then };
    });
    await tx.batchItems.settle(batchId, results, tx.context.now);
  });
}
