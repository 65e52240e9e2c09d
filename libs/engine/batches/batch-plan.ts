import { createHash } from 'node:crypto';
import type { EvaluatedCount, PersonInBatch } from '@tenure/domain';
import type { BatchChange, BatchPlan } from '@tenure/store';

/**
 * Plan of a batch, as it is shown; its digest identifies the people and their changes.
 * @param isOfAll true: people without a change that the change budget counts are part of it too
 */
export function batchPlan(people: readonly PersonInBatch[], changes: readonly EvaluatedCount[], isOfAll = false): BatchPlan {
  const touched = people.filter((person) => isOfAll || person.changes.length > 0);
  const said = touched.map(({ key, changes: own }) => JSON.stringify([key, own.map(({ target, kind }) => `${target} ${kind}`)])).sort();
  const digest = createHash('sha256').update(said.join('\n')).digest('hex').slice(0, 16);
  return { digest, people: new Set(touched.map(({ key }) => key)).size, changes };
}

/** True for an undo: attributes that it restores are shown, though the change budget does not count them. */
export function coversEverybody({ origin }: Pick<BatchChange, 'origin'>): boolean {
  return origin?.kind === 'undo';
}
