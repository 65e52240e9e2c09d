import type { Instant, Relationship } from './facts.ts';
import { isCalledOff } from './relationship.ts';

/** Relationships as of the last decision. */
export interface LastRelationships {
  readonly relationships?: readonly Relationship[];
  /** Time of that decision; `null` or absent: there was none. */
  readonly decidedAt?: Instant | null;
}

/**
 * Relationships that had begun at the last decision, by their record.
 * @returns by record id, the time since which the record states an end before the start; `null`: it did not
 */
export function begunBefore({ relationships = [], decidedAt = null }: LastRelationships): ReadonlyMap<string, Instant | null> {
  if (decidedAt === null) return new Map();
  return new Map(
    relationships.flatMap(({ recordId, start, end, contradictedSince }): [string, Instant | null][] => {
      // Decisions from before relationships had a `recordId` are matched by the records of their bounds.
      const id = recordId ?? start?.recordId ?? end?.recordId;
      const isHere = (start === null || start.at <= decidedAt) && (end === null || end.at > decidedAt);
      return id !== undefined && (isHere || contradictedSince !== undefined) ? [[id, contradictedSince ?? null]] : [];
    }),
  );
}

/**
 * Settles a relationship whose record states an end before the start. If it had not begun, it is called off. If it had, one of the dates
 * is wrong, and a person must decide which: a reported end counts from the time when it was first known, so that the grace period still
 * runs; a date in the past does not end it, and a future date ends it then.
 * @param begun result of `begunBefore` for it; `undefined`: it had not begun
 */
export function settleContradiction(relationship: Relationship, begun: Instant | null | undefined, now: Instant): Relationship {
  const { end } = relationship;
  if (begun === undefined || end === null || !isCalledOff(relationship)) return relationship;
  const since = begun ?? now;
  const isDate = end.by === 'date';
  const settled = isDate && end.at <= since ? null : { ...end, at: end.at > since ? end.at : since };
  return { ...relationship, start: null, end: settled, contradictedSince: since };
}
