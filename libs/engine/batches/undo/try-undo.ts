import type { UndoOrigin } from '@tenure/domain';
import type { ActContext, BatchItem, Store } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import type { RestoredItem } from './restore-records.ts';
import { undoItems } from './undo-items.ts';

/** Carries effects out of a transaction, which is rolled back by it. */
class Tried extends Error {
  readonly items: readonly RestoredItem[];
  constructor(items: readonly RestoredItem[]) {
    super('tried, and rolled back');
    this.items = items;
  }
}

/** Simulates undoing items: the code that undoes them runs, and its transaction is rolled back. */
export async function tryUndo(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  origin: Pick<UndoOrigin, 'batchId' | 'reason' | 'kept'>,
  items: readonly BatchItem[],
): Promise<readonly RestoredItem[]> {
  try {
    await store.transaction(context, (tx) => undoItems(tx, engine, { id: '', origin }, items, (found) => Promise.reject(new Tried(found))));
  } catch (error) {
    if (error instanceof Tried) return error.items;
    throw error;
  }
  return [];
}
