import { type ChangeBudget, IN_ALL, limitOf, SMALLEST_POPULATION, type BatchChangeKind, type ChangeLimit } from './change-budget.ts';
import type { CountedChange } from './counted-changes.ts';

/** Number of people whom a batch changes in one way. */
export interface ChangeCount {
  /** A target, or `IN_ALL`: in whatever target. */
  readonly target: string;
  readonly kind: BatchChangeKind;
  readonly people: number;
  /** Ids of some of them; whoever the batch would only make has none yet. */
  readonly examples: readonly string[];
}

/** The same beside what it is measured against. */
export interface EvaluatedCount extends ChangeCount {
  /** People whom the same source did this to within the window. */
  readonly earlier: number;
  /** Accounts in use there; for `IN_ALL`, everybody who is active. */
  readonly population: number;
  readonly limit: ChangeLimit;
  readonly isOver: boolean;
}

/** What a batch does to one person. */
export interface PersonInBatch {
  /** Tells people apart: the identity's id, or what stands for somebody who is not known yet. */
  readonly key: string;
  /** `null`: the batch would make this person. */
  readonly identityId: string | null;
  readonly changes: readonly CountedChange[];
}

const mostExamples = 5;

/** Counts people by target and kind, and in all. The largest first. */
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
 * @param earlier people by `countKey`, from the same source within the window
 * @param populations by target, and for `IN_ALL`
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

/** True if a batch of this size could be over at all: where not, nothing more needs to be known. */
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
