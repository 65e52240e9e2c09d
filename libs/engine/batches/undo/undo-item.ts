import type { FallAwayReason } from '@tenure/domain';
import type { BatchItem, NewBatchItem, PlannedItem, Transaction } from '@tenure/store';
import type { RestoredItem } from './restore-records.ts';

/** Item of an undo, before it has a result. Its record is the reference to the item that it undoes: facts stay in the audit, where erasure finds them. */
export function undoItem({ undone, identityId, changes, before, after }: RestoredItem): NewBatchItem {
  const { batchId, key } = undone;
  const record = { undoes: { batchId, key } };
  return { key: keyOf(undone), source: null, version: null, record, hasVanished: false, identityId, changes, before, after };
}

/** Key of the item that undoes this one: the id of the record. */
export function keyOf({ after, batchId, key }: BatchItem): string {
  return after?.record?.id ?? `${batchId}/${key}`;
}

/** Items that these items of an undo undo, by the key of the latter. Items that were deleted since are missing. */
export async function undoneItems(tx: Transaction, items: readonly BatchItem[]): Promise<readonly BatchItem[]> {
  return tx.batchItems.many(items.flatMap(({ record }) => (record as { readonly undoes: Pick<BatchItem, 'batchId' | 'key'> } | null)?.undoes ?? []));
}

/** A pending item of an undo with its effects as of now. */
export function triedItem({ undone, identityId, reason, changes, before, after }: RestoredItem): PlannedItem & { readonly reason: FallAwayReason | null } {
  return { key: keyOf(undone), version: null, identityId, changes, before, after, reason };
}
