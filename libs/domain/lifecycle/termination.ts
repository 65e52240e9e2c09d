import { instantOf } from '../time/dates.ts';
import { type Instant, OPERATOR_SOURCE, type RelationshipBound, type SourceRecord } from '../identity/facts.ts';

/** When a record that says `ended` ends the time. @param timeZone where its day ends */
export function reportedEnd({ endedAt, endedOn, recordedAt }: Pick<SourceRecord, 'endedAt' | 'endedOn' | 'recordedAt'>, timeZone: string): Instant {
  return endedAt ?? instantOf(endedOn, 'end', timeZone) ?? recordedAt;
}

/** The earliest end that an operator has said. One that was lifted says nothing. @param zoneOn where the person is on a day */
export function terminationOf(records: readonly SourceRecord[], zoneOn: (day: string | null) => string): RelationshipBound | null {
  const ends = records
    .filter(({ source, status }) => source === OPERATOR_SOURCE && status === 'ended')
    .map((record): RelationshipBound => ({ at: reportedEnd(record, zoneOn(record.endedOn ?? null)), recordId: record.id, by: 'report' }));
  return ends.toSorted((a, b) => compare(a.at, b.at) || compare(a.recordId, b.recordId))[0] ?? null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
