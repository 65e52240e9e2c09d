import type { Instant, ItemState, RecordState } from '@tenure/domain';
import type { StoredRecord } from '@tenure/store';

/** Status of a record, as batch items keep it. */
export function recordState({ id, version, status, endedAt, endedOn = null }: StoredRecord): RecordState {
  return { id, version, status, endedAt, endedOn };
}

/** Status of a record as it is sent: an end without an instant is now. */
export function sentState(
  { id, version, status, endedAt, endedOn }: Pick<StoredRecord, 'id' | 'version' | 'status' | 'endedAt' | 'endedOn'>,
  now: Instant,
): RecordState {
  return { id, version, status, endedAt: endedAt ?? (status === 'ended' && endedOn == null ? now : null), endedOn: endedOn ?? null };
}

/** State of a person with that of a record. */
export function withRecord(state: ItemState | null, record: RecordState | null): ItemState {
  return { ...(state ?? { state: null, grants: [], accounts: [] }), record };
}
