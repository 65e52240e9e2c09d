import { InputInvalid, type UndoOrigin } from '@tenure/domain';
import type { BatchChange, BatchItem, Transaction } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { type CheckRestored, restoreRecords, type RestoredItem } from './restore-records.ts';
import { undoCorrections } from './undo-corrections.ts';

/** Undo whose items are carried out, or tried. */
export interface ItemsUndo {
  /** Id of the undo; empty while it is tried. */
  readonly id: string;
  readonly origin: Pick<UndoOrigin, 'batchId' | 'reason' | 'kept'>;
}

/** Undoes items in a transaction, as fits the batch change by which they were carried out. Another origin of batch changes plugs in here. */
export async function undoItems(
  tx: Transaction,
  engine: Engine,
  { id, origin }: ItemsUndo,
  items: readonly BatchItem[],
  check?: CheckRestored,
): Promise<readonly RestoredItem[]> {
  const undone = (await tx.batchChanges.get(origin.batchId))?.origin ?? null;
  if (undone?.kind === 'corrections') return undoCorrections(tx, engine, undone.target, origin, items, check);
  return restoreRecords(tx, engine, id, items, check);
}

/** Refuses origins whose batch changes cannot be undone. @throws InputInvalid */
export async function mustBeOfUndoableOrigin(tx: Transaction, { id, origin }: Pick<BatchChange, 'id' | 'origin'>): Promise<void> {
  if (origin?.kind === 'switch-on') throw new InputInvalid('id: the switch of a target to enforce cannot be undone: set its mode', { batchChangeId: id });
  if (origin?.kind !== 'undo') return;
  const undone = (await tx.batchChanges.get(origin.batchId))?.origin ?? null;
  if (undone?.kind === 'corrections')
    throw new InputInvalid(
      'id: the undo of corrections cannot be undone: request the correction of the findings again, and end access that came back by itself',
      { batchChangeId: id },
    );
}
