import { readRetention } from '@tenure/config';
import { InputInvalid, type Instant, NotFound } from '@tenure/domain';
import type { BatchChange, Transaction } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { mustBeOfUndoableOrigin } from './undo-items.ts';

/**
 * Reads a batch change that may be undone, with its parts.
 * @throws NotFound; InputInvalid if it waits, is under way, is being undone, or nothing of it can be undone
 */
export async function mustBeUndoable(tx: Transaction, id: string): Promise<readonly BatchChange[]> {
  const batch = await tx.batchChanges.get(id);
  if (batch === null) throw new NotFound(`id: there is no batch change ${id}`, { batchChangeId: id });
  const details = { batchChangeId: id };
  if (batch.standing === 'held')
    throw new InputInvalid(
      'id: the batch change waits for approval: discard it (discardBatchChange); parts of it that were approved are undone by their own ids',
      details,
    );
  await mustBeOfUndoableOrigin(tx, batch);
  const batches = await tx.batchChanges.withParts(id);
  const running = batches.find(({ standing, finishedAt }) => standing === 'held' || (standing === 'free' && finishedAt === null));
  if (running !== undefined)
    throw new InputInvalid(`id: the batch change ${running.id} is being carried out, or a part of it waits: undo it after it has finished`, {
      ...details,
      underWay: running.id,
    });
  const other = await tx.batchChanges.undoUnderWay(id);
  if (other !== null)
    throw new InputInvalid(`id: the undo ${other.id} of this batch change waits for approval or is being carried out`, { ...details, undo: other.id });
  return batches;
}

/** Refuses a batch change of which no item is left. @throws InputInvalid */
export function mustHaveItems({ configuration: { retention = readRetention() } }: Engine, batches: readonly BatchChange[], now: Instant): never {
  const [{ id = '' } = {}] = batches;
  const last = batches
    .flatMap(({ finishedAt }) => finishedAt ?? [])
    .toSorted()
    .at(-1);
  const deletedAt = last === undefined ? null : new Date(Date.parse(last) + retention.batchItems).toISOString();
  if (deletedAt !== null && deletedAt <= now)
    throw new InputInvalid(`id: the items of the batch change were deleted after ${deletedAt} (retention.batchItems of tenure.yaml): it cannot be undone`, {
      batchChangeId: id,
      deletedAt,
    });
  throw new InputInvalid('id: nothing of the batch change was carried out: there is nothing to undo', { batchChangeId: id });
}
