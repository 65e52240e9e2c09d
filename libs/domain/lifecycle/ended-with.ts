import type { Identity, Instant, Relationship } from '../identity/facts.ts';
import { isCalledOff, spans } from '../identity/relationship.ts';

/** End of a person's relationships, by which a later decision distinguishes their continuation from a new relationship. */
export interface EndedWith {
  readonly at: Instant;
  /** Record ids of the relationships that ended; empty text: a relationship from the merged dates. */
  readonly recordIds: readonly string[];
  /** True if the grace period is over as well; absent: it runs. */
  readonly hasLeft?: true;
}

/**
 * Returns the end of the last period, with which requested access and SoD exceptions end.
 * @returns `null` if the person has a relationship now, or no period has ended
 */
export function endOfTime(identity: Pick<Identity, 'relationships'>, now: Instant): EndedWith | null {
  const known = spans(identity);
  if (known.some((span) => (span.start === null || span.start.at <= now) && (span.end === null || span.end.at > now))) return null;
  const over = known.findLast(({ end }) => end !== null && end.at <= now);
  const at = over?.end?.at;
  if (over === undefined || at === undefined) return null;
  const from = over.start?.at ?? '';
  const ended = identity.relationships.filter((one) => !isCalledOff(one) && one.end !== null && one.end.at > from && one.end.at <= at);
  return { at, recordIds: ended.map(idOf) };
}

/**
 * True if the relationship that had ended continues: the record that stated its end now states none. A relationship that begins after the end
 * is another one, and so is that of another record; once the grace period is over, the record must state a start before the end.
 */
export function isSameTime({ relationships }: Pick<Identity, 'relationships'>, { at, recordIds, hasLeft }: EndedWith, now: Instant): boolean {
  const hadBegun = ({ start }: Relationship): boolean => (start === null ? hasLeft !== true : start.at < at);
  return relationships.some((one) => !isCalledOff(one) && recordIds.includes(idOf(one)) && hadBegun(one) && (one.end === null || one.end.at > now));
}

function idOf({ recordId = '' }: Relationship): string {
  return recordId;
}
