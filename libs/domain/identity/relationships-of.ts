import { instantOf, isDate, isTimeZone, localDay } from '../time/dates.ts';
import type { ExtendableRecord } from '../lifecycle/extensions.ts';
import type { Instant, Relationship, RelationshipBound } from './facts.ts';
import { reportedEnd } from '../lifecycle/termination.ts';

/** Functions and zone by which the dates of records are read. */
export interface DateReading {
  /** Returns the record whose date counts for every relationship, since its source has precedence over all that decide; `null`: none. */
  readonly correction: (name: 'startDate' | 'endDate') => ExtendableRecord | null;
  /** Returns the IANA name of the zone in which a last day ends. */
  readonly lastDayIn: (record: ExtendableRecord, day: string) => string;
  /** IANA name of the zone for days of a record without one of its own. */
  readonly timeZone: string;
}

/** Returns the relationship of each deciding record. Its first day begins in the zone that the record states. */
export function relationshipsOf(
  deciding: readonly ExtendableRecord[],
  { correction, lastDayIn, timeZone }: DateReading,
): Map<ExtendableRecord, Relationship & { readonly recordId: string }> {
  const [start, end] = [correction('startDate'), correction('endDate')];
  return new Map(
    deciding.map((record) => {
      const own = zoneOf(record) ?? timeZone;
      const dated = lastDay(end ?? record, lastDayIn, own);
      const reported = record.status === 'ended' ? reportOf(record, lastDayIn, own) : null;
      return [
        record,
        {
          recordId: record.id,
          start: dateBound(start ?? record, 'startDate', 'start', own),
          end: dated === null || (reported !== null && reported.at <= dated.at) ? reported : dated,
        },
      ];
    }),
  );
}

/** Zone that a record itself states; `null`: none. */
export function zoneOf({ facts }: Pick<ExtendableRecord, 'facts'>): string | null {
  const value = Object.hasOwn(facts, 'timeZone') ? facts['timeZone'] : undefined;
  return typeof value === 'string' && isTimeZone(value) ? value : null;
}

/** True if a day (`YYYY-MM-DD`) is within the relationship of a record, compared by calendar days alone, in any time zone. */
export function coversDay(record: ExtendableRecord, day: string, { correction, timeZone }: Pick<DateReading, 'correction' | 'timeZone'>): boolean {
  const dayOf = (value: unknown): string | null => {
    if (typeof value === 'string' && isDate(value)) return value;
    const at = instantOf(value, 'start', timeZone);
    return at === null ? null : localDay(at, timeZone).day;
  };
  const first = dayOf((correction('startDate') ?? record).facts['startDate']);
  const reported = record.status === 'ended' ? (record.endedOn ?? localDay(record.endedAt ?? record.recordedAt, timeZone).day) : null;
  const ends = [dayOf((correction('endDate') ?? record).facts['endDate']), reported];
  return (first === null || first <= day) && ends.every((last) => last === null || day <= last);
}

/** A date of a record as a bound; `null`: it states none. */
export function dateBound(
  { id, facts, extension }: Pick<ExtendableRecord, 'id' | 'facts' | 'extension'>,
  name: string,
  edge: 'start' | 'end',
  timeZone: string,
): RelationshipBound | null {
  const at = Object.hasOwn(facts, name) ? instantOf(facts[name], edge, timeZone) : null;
  if (at === null) return null;
  const from = name === 'endDate' && extension !== undefined ? instantOf(extension.endDate, edge, timeZone) : null;
  return extension === undefined || from === null
    ? { at, recordId: id, by: 'date' }
    : { at, recordId: extension.id, by: 'date', extended: { recordId: id, from } };
}

/** Limits relationships by a termination: those that would begin after it are called off. */
export function cutShort(relationships: readonly Relationship[], termination: RelationshipBound | null): readonly Relationship[] {
  if (termination === null) return relationships;
  if (relationships.length === 0) return [{ start: null, end: termination }];
  return relationships.map((one) => (one.end !== null && one.end.at <= termination.at ? one : { ...one, end: termination }));
}

function lastDay(record: ExtendableRecord, lastDayIn: DateReading['lastDayIn'], own: string): RelationshipBound | null {
  const day = Object.hasOwn(record.facts, 'endDate') ? record.facts['endDate'] : undefined;
  return dateBound(record, 'endDate', 'end', typeof day === 'string' ? lastDayIn(record, day) : own);
}

function reportOf(record: ExtendableRecord, lastDayIn: DateReading['lastDayIn'], own: string): RelationshipBound {
  const { endedOn = null } = record;
  const at: Instant = reportedEnd(record, endedOn === null ? own : lastDayIn(record, endedOn));
  return { at, recordId: record.id, by: 'report' };
}
