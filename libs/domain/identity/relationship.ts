import type { Identity, Instant, RelationshipBound } from './facts.ts';

/** A period without a gap in which at least one relationship is in force. */
export interface Span {
  readonly start: RelationshipBound | null;
  readonly end: RelationshipBound | null;
}

/**
 * Returns the periods of the person's relationships, in order. Relationships that overlap or follow one another without a gap are
 * joined, so that a contractor who is hired loses nothing in between. Relationships that were called off before they began are left out.
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

/** Start of the first period in the future; `null`: none. */
export function startAhead(identity: Pick<Identity, 'relationships'>, now: Instant): RelationshipBound | null {
  return spans(identity).find(({ start }) => start !== null && start.at > now)?.start ?? null;
}

/** Instants at which a relationship begins or ends, and the merge of the facts may change. */
export function relationshipBounds({ relationships }: Pick<Identity, 'relationships'>): Instant[] {
  return relationships.filter((relationship) => !isCalledOff(relationship)).flatMap(({ start, end }) => [start, end].flatMap((bound) => bound?.at ?? []));
}

function later(a: RelationshipBound | null, b: RelationshipBound | null): RelationshipBound | null {
  return a === null || b === null ? null : b.at > a.at ? b : a;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
