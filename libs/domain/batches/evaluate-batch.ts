import { type ChangeBudget, IN_ALL, limitOf, SMALLEST_POPULATION, type WaveChangeKind, type ChangeLimit } from './change-budget.ts';
import type { WaveChange } from './counted-changes.ts';

/** How many people a wave touches in one way. */
export interface WaveCount {
  /** A target, or `IN_ALL`: in whatever target. */
  readonly target: string;
  readonly kind: WaveChangeKind;
  readonly people: number;
  /** Ids of some of them; whoever the wave would only make has none yet. */
  readonly examples: readonly string[];
}

/** The same beside what it is measured against. */
export interface JudgedCount extends WaveCount {
  /** People whom the same source did this to within the window. */
  readonly earlier: number;
  /** Accounts in use there; for `IN_ALL`, everybody who is active. */
  readonly population: number;
  readonly limit: ChangeLimit;
  readonly isOver: boolean;
}

/** What a wave does to one person. */
export interface PersonInWave {
  /** Tells people apart: the identity's id, or what stands for somebody who is not known yet. */
  readonly key: string;
  /** `null`: the wave would make this person. */
  readonly identityId: string | null;
  readonly changes: readonly WaveChange[];
}

const mostExamples = 5;

/** Counts people by target and kind, and in all. The largest first. */
export function countWave(people: readonly PersonInWave[]): WaveCount[] {
  const groups = new Map<string, { readonly target: string; readonly kind: WaveChangeKind; readonly keys: Set<string>; readonly examples: Set<string> }>();
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
 * Holds a wave against the budget, before its first write.
 * @param earlier people by `countKey`, from the same source within the window
 * @param populations by target, and for `IN_ALL`
 */
export function judgeWave(
  counts: readonly WaveCount[],
  budget: ChangeBudget,
  { earlier, populations }: { readonly earlier: ReadonlyMap<string, number>; readonly populations: ReadonlyMap<string, number> },
): JudgedCount[] {
  return counts.map((count) => {
    const judged = {
      ...count,
      earlier: earlier.get(countKey(count)) ?? 0,
      population: populations.get(count.target) ?? 0,
      limit: limitOf(budget, count.target, count.kind),
    };
    return { ...judged, isOver: isOver(judged) };
  });
}

/** Whether a wave of this size could be over at all: where not, nothing more needs to be known. */
export function mayBeOver({ target, kind, people }: WaveCount, budget: ChangeBudget, earlier = 0): boolean {
  const { count, from } = limitOf(budget, target, kind);
  return people + earlier > Math.min(count, from);
}

export function countKey({ target, kind }: WaveChange): string {
  return `${target} ${kind}`;
}

function isOver({ people, earlier, population, limit }: Omit<JudgedCount, 'isOver'>): boolean {
  const all = people + earlier;
  return all > limit.count || (all > limit.from && population >= SMALLEST_POPULATION && all / population > limit.share);
}
