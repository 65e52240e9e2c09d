import { instantOf } from '../time/dates.ts';
import { type Instant, OPERATOR_SOURCE, type RelationshipBound, type SourceRecord } from '../identity/facts.ts';

/** Time at which a record with the status `ended` ends the relationship. @param timeZone IANA name of the zone in which its last day ends */
export function reportedEnd({ endedAt, endedOn, recordedAt }: Pick<SourceRecord, 'endedAt' | 'endedOn' | 'recordedAt'>, timeZone: string): Instant {
  return endedAt ?? instantOf(endedOn, 'end', timeZone) ?? recordedAt;
}

/** Earliest end that an operator has stated; withdrawn ones do not count. @param zoneOn returns the zone of the person on a day */
export function terminationOf(records: readonly SourceRecord[], zoneOn: (day: string | null) => string): RelationshipBound | null {
  const ends = records
    .filter(({ source, status }) => source === OPERATOR_SOURCE && status === 'ended')
    .map((record): RelationshipBound => ({ at: reportedEnd(record, zoneOn(record.endedOn ?? null)), recordId: record.id, by: 'report' }));
  return ends.toSorted((a, b) => compare(a.at, b.at) || compare(a.recordId, b.recordId))[0] ?? null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
