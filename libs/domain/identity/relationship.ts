import type { Identity, Instant, RelationshipBound } from './facts.ts';

/** A time without a gap in which at least one relationship goes on. */
export interface Span {
  readonly start: RelationshipBound | null;
  readonly end: RelationshipBound | null;
}

/**
 * The times in which the person belongs here, in order: relationships that overlap or follow one another without a gap are
 * one, so that a contractor who is hired loses nothing in between. What was called off before it began is left out.
 */
export function spans({ relationships }: Pick<Identity, 'relationships'>): Span[] {
  const begun = relationships.filter((relationship) => !isCalledOff(relationship)).toSorted((a, b) => compare(a.start?.at ?? '', b.start?.at ?? ''));
  const joined: Span[] = [];
  for (const next of begun) {
    const last = joined.at(-1);
    if (last === undefined || (last.end !== null && last.end.at < (next.start?.at ?? ''))) joined.push({ start: next.start, end: next.end });
    else joined[joined.length - 1] = { start: last.start, end: later(last.end, next.end) };
  }
  return joined;
}

/** True if a relationship ended before it began: a hire that was rescinded. */
export function isCalledOff({ start, end }: Span): boolean {
  return start !== null && end !== null && end.at <= start.at;
}

/** When the first span that lies ahead begins. */
export function startAhead(identity: Pick<Identity, 'relationships'>, now: Instant): RelationshipBound | null {
  return spans(identity).find(({ start }) => start !== null && start.at > now)?.start ?? null;
}

/** Every instant at which a relationship begins or ends: what the sources say may be weighed anew there. */
export function relationshipBounds({ relationships }: Pick<Identity, 'relationships'>): Instant[] {
  return relationships.filter((relationship) => !isCalledOff(relationship)).flatMap(({ start, end }) => [start, end].flatMap((bound) => bound?.at ?? []));
}

function later(a: RelationshipBound | null, b: RelationshipBound | null): RelationshipBound | null {
  return a === null || b === null ? null : b.at > a.at ? b : a;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
