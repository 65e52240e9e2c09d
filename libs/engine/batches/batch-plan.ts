import { createHash } from 'node:crypto';
import type { EvaluatedCount, PersonInBatch } from '@tenure/domain';
import type { BatchPlan } from '@tenure/store';

/** Plan of a batch, as it is shown; its digest identifies the people and their changes. */
export function batchPlan(people: readonly PersonInBatch[], changes: readonly EvaluatedCount[]): BatchPlan {
  const touched = people.filter((person) => person.changes.length > 0);
  const said = touched.map(({ key, changes: own }) => JSON.stringify([key, own.map(({ target, kind }) => `${target} ${kind}`)])).sort();
  const digest = createHash('sha256').update(said.join('\n')).digest('hex').slice(0, 16);
  return { digest, people: new Set(touched.map(({ key }) => key)).size, changes };
}
