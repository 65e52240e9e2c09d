import {
  type ChangeBudget,
  countKey,
  countPeople,
  correctionsOf,
  DEFAULT_WINDOW,
  durationToMilliseconds,
  IN_ALL,
  type Instant,
  type EvaluatedCount,
  evaluateBatch,
  LOSING_KINDS,
  mayBeOver,
  type PersonInBatch,
} from '@tenure/domain';
import type { BatchChange, Transaction } from '@tenure/store';
import type { RecordChanges } from '../intake/taken-record.ts';

/** Thrown out of a transaction that would have changed too much at once, so that nothing of it is written. */
export class OverBudget extends Error {
  readonly records: readonly RecordChanges[];
  constructor(records: readonly RecordChanges[]) {
    super('more would change at once than the budget allows');
    this.records = records;
  }
}

/**
 * Checks the changes of a source's records against the budget, together with those of the same source within the window. Changes within the budget
 * are counted for later records.
 * @throws OverBudget when they exceed it
 */
export async function checkRecords(tx: Transaction, budget: ChangeBudget, source: string, records: readonly RecordChanges[]): Promise<void> {
  const people = records.map(personOf);
  const counts = countPeople(people);
  const takesAway = counts.some(({ kind }) => LOSING_KINDS.includes(kind));
  const since = windowStart(budget, tx.context.now);
  const externalIds = records.map(({ incoming }) => incoming.externalId);
  const earlier = takesAway ? await tx.budgets.usedBy(source, since, externalIds) : new Map<string, number>();
  if (counts.some((count) => mayBeOver(count, budget, earlier.get(countKey(count))))) {
    const evaluated = evaluateBatch(counts, budget, { earlier, populations: await tx.budgets.populations() });
    if (evaluated.some(({ isOver }) => isOver)) throw new OverBudget(records);
  }
  if (!takesAway) return;
  await tx.budgets.forget(source, since);
  const uses = people.flatMap(({ key, changes }) => changes.map((change) => ({ ...change, person: key })));
  await tx.budgets.use(
    source,
    uses.filter(({ kind }) => LOSING_KINDS.includes(kind)),
    tx.context.now,
  );
}

/** Evaluates a batch that waits for approval, or is about to, in the same way: its changes together with those of its source within the window. */
export async function evaluateChanges(
  tx: Transaction,
  budget: ChangeBudget,
  source: string | null,
  people: readonly PersonInBatch[],
): Promise<readonly EvaluatedCount[]> {
  const earlier = source === null ? new Map<string, number>() : await tx.budgets.usedBy(source, windowStart(budget, tx.context.now), 'held');
  return evaluateBatch(countPeople(people), budget, { earlier, populations: await tx.budgets.populations() });
}

/** Name under which a batch change uses the change budget, together with others of that name in the window; `null`: each counts alone. */
export function budgetSourceOf({ source, origin }: Pick<BatchChange, 'source' | 'origin'>): string | null {
  return source ?? (origin?.kind === 'corrections' ? correctionsOf(origin.target) : null);
}

/** Person of a change. One who would be created is distinguished by the external id of the source. */
export function personOf({ incoming, taken, changes }: RecordChanges): PersonInBatch {
  const isNew = taken.outcome === 'created' || changes.some(({ target, kind }) => target === IN_ALL && kind === 'create');
  const identityId = isNew ? null : taken.identityId;
  return { key: identityId ?? incoming.externalId, identityId, changes };
}

/** Start of the window in which changes of a source are added up. */
export function windowStart({ window = DEFAULT_WINDOW }: ChangeBudget, now: Instant): Instant {
  return new Date(Date.parse(now) - (durationToMilliseconds(window) ?? 0)).toISOString();
}
