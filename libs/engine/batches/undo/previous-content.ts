import { type AuditAction, type FallAwayReason, reasonOf } from '@tenure/domain';
import type { AuditEvent, BatchItem, StoredRecord } from '@tenure/store';

/** Actions whose events contain a whole version of a source record: `reason` has version, status and end, `personal` the facts. */
export const CONTENT_ACTIONS = ['record.taken', 'record.corrected', 'record.withdrawn', 'record.restored'] as const satisfies readonly AuditAction[];

/** Content that a record had before an item of a batch change, or the reason for which the item is not undone. */
export type PreviousContent =
  /** The event that contains it. */
  | { readonly kind: 'restore'; readonly event: AuditEvent }
  /** The item created the record. */
  | { readonly kind: 'withdraw' }
  | { readonly kind: 'falls-away'; readonly reason: FallAwayReason };

/** Content before an item, and the position in the audit of the event of the item itself; `null`: there is no such event. */
export interface TracedItem {
  readonly previous: PreviousContent;
  readonly position: number | null;
}

/**
 * Traces an item that was carried out in the audit. Its event must be the last that changed the record: otherwise something newer states otherwise. A
 * newer version without other content is no event, and the item can still be undone.
 * @param known the record as it is stored now; absent: it no longer exists
 * @param events of the record, in the order of writing
 */
export function traceItem(item: BatchItem, known: StoredRecord | undefined, events: readonly AuditEvent[]): TracedItem {
  if (known === undefined || known.identityId !== item.identityId) return traced('newer');
  const wasNew = (item.before?.record ?? null) === null;
  const index = events.findLastIndex((event) => isOf(item, event));
  const own = events[index];
  if (own === undefined) {
    // A record that could not be assigned to a person is not audited: it was stored, and nothing followed from it.
    const isStored = wasNew && known.identityId === null && known.version === item.after?.record?.version && (known.withdrawnAt ?? null) === null;
    return isStored ? { previous: { kind: 'withdraw' }, position: null } : traced('content-unknown');
  }
  const before = events[index - 1];
  if (index < events.length - 1) return traced('newer', own);
  if (before !== undefined) return { previous: { kind: 'restore', event: before }, position: own.position };
  return wasNew ? { previous: { kind: 'withdraw' }, position: own.position } : traced('content-unknown', own);
}

function traced(reason: FallAwayReason, own?: AuditEvent): TracedItem {
  return { previous: { kind: 'falls-away', reason }, position: own?.position ?? null };
}

/** True: the event was written when this item was carried out. */
function isOf({ batchId, source, settledAt, after }: BatchItem, event: AuditEvent): boolean {
  if (source === null) return event.action === 'record.restored' && reasonOf(event, 'record.restored')?.batchId === batchId;
  const { version, status = null } = reasonOf(event, 'record.taken') ?? {};
  const wanted = after?.record;
  return event.action === 'record.taken' && event.at === settledAt && version === wanted?.version && (wanted?.status === null || wanted?.status === status);
}
