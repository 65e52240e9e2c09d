import type { Instant, Relationship } from './facts.ts';
import { isCalledOff } from './relationship.ts';

/** Relationships as of the last decision. */
export interface LastRelationships {
  readonly relationships?: readonly Relationship[];
  /** When it was made; `null` and absent: never. */
  readonly decidedAt?: Instant | null;
}

/**
 * Relationships that had begun when they were last decided about, by their record.
 * @returns since when the record has said an end before the start; `null`: it had not
 */
export function begunBefore({ relationships = [], decidedAt = null }: LastRelationships): ReadonlyMap<string, Instant | null> {
  if (decidedAt === null) return new Map();
  return new Map(
    relationships.flatMap(({ recordId, start, end, contradictedSince }): [string, Instant | null][] => {
      // What was decided before relationships named their records is found by their bounds.
      const id = recordId ?? start?.recordId ?? end?.recordId;
      const isHere = (start === null || start.at <= decidedAt) && (end === null || end.at > decidedAt);
      return id !== undefined && (isHere || contradictedSince !== undefined) ? [[id, contradictedSince ?? null]] : [];
    }),
  );
}

/**
 * A relationship whose record says an end before the start. Before anything began that calls it off. Of somebody who has begun it is a
 * mistake in one of the dates, and a person has to say in which: an end that is reported counts from when it was first known, so that the
 * grace still runs; a date that lies behind ends nothing by itself, and one that lies ahead ends it then.
 * @param begun what `begunBefore` found of it; `undefined`: it had not begun
 */
export function settleContradiction(relationship: Relationship, begun: Instant | null | undefined, now: Instant): Relationship {
  const { end } = relationship;
  if (begun === undefined || end === null || !isCalledOff(relationship)) return relationship;
  const since = begun ?? now;
  const isDate = end.by === 'date';
  const settled = isDate && end.at <= since ? null : { ...end, at: end.at > since ? end.at : since };
  return { ...relationship, start: null, end: settled, contradictedSince: since };
}
