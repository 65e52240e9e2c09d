import { type ChangeBudget, IN_ALL, limitOf, SMALLEST_POPULATION, type BatchChangeKind, type ChangeLimit } from './change-budget.ts';
import type { CountedChange } from './counted-changes.ts';

/** Number of people whom a batch changes in one way. */
export interface ChangeCount {
  /** A target, or `IN_ALL` for all targets together. */
  readonly target: string;
  readonly kind: BatchChangeKind;
  readonly people: number;
  /** Ids of some of them; people whom the batch would create have none yet. */
  readonly examples: readonly string[];
}

/** Count with the values to which it is compared. */
export interface EvaluatedCount extends ChangeCount {
  /** Number of people whom the same source changed in this way within the window. */
  readonly earlier: number;
  /** Number of accounts in use in the target; for `IN_ALL`, of active people. */
  readonly population: number;
  readonly limit: ChangeLimit;
  readonly isOver: boolean;
}

/** Effects of a batch on one person. */
export interface PersonInBatch {
  /** Unique key of the person: the identity's id, or a substitute for an unknown person. */
  readonly key: string;
  /** `null`: the batch would create this person. */
  readonly identityId: string | null;
  readonly changes: readonly CountedChange[];
}

const mostExamples = 5;

/** Counts people by target and kind, and in all, in descending order. */
export function countPeople(people: readonly PersonInBatch[]): ChangeCount[] {
  const groups = new Map<string, { readonly target: string; readonly kind: BatchChangeKind; readonly keys: Set<string>; readonly examples: Set<string> }>();
  for (const { key, identityId, changes } of people) {
    for (const { target: own, kind } of changes) {
      for (const target of own === IN_ALL ? [IN_ALL] : [own, IN_ALL]) {
        const group = groups.get(`${target} ${kind}`) ?? { target, kind, keys: new Set(), examples: new Set() };
        group.keys.add(key);
        if (identityId !== null && group.examples.size < mostExamples) group.examples.add(identityId);
        groups.set(`${target} ${kind}`, group);
      }
    }
  }
  return [...groups.values()]
    .map(({ target, kind, keys, examples }) => ({ target, kind, people: keys.size, examples: [...examples].sort() }))
    .toSorted((a, b) => b.people - a.people || (`${a.target} ${a.kind}` < `${b.target} ${b.kind}` ? -1 : 1));
}

/**
 * Checks a batch against the budget, before its first write.
 * @param earlier number of people by `countKey`, from the same source within the window
 * @param populations populations by target, and for `IN_ALL`
 */
export function evaluateBatch(
  counts: readonly ChangeCount[],
  budget: ChangeBudget,
  { earlier, populations }: { readonly earlier: ReadonlyMap<string, number>; readonly populations: ReadonlyMap<string, number> },
): EvaluatedCount[] {
  return counts.map((count) => {
    const evaluated = {
      ...count,
      earlier: earlier.get(countKey(count)) ?? 0,
      population: populations.get(count.target) ?? 0,
      limit: limitOf(budget, count.target, count.kind),
    };
    return { ...evaluated, isOver: isOver(evaluated) };
  });
}

/** True if a batch of this size could exceed the budget; otherwise the populations need not be read. */
export function mayBeOver({ target, kind, people }: ChangeCount, budget: ChangeBudget, earlier = 0): boolean {
  const { count, from } = limitOf(budget, target, kind);
  return people + earlier > Math.min(count, from);
}

export function countKey({ target, kind }: CountedChange): string {
  return `${target} ${kind}`;
}

function isOver({ people, earlier, population, limit }: Omit<EvaluatedCount, 'isOver'>): boolean {
  const all = people + earlier;
  return all > limit.count || (all > limit.from && population >= SMALLEST_POPULATION && all / population > limit.share);
}
