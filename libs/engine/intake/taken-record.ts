import type { ItemState, LifecycleState, CountedChange, WhyAmbiguous } from '@tenure/domain';
import type { IncomingRecord } from './incoming-record.ts';

/** A record with its result, and the changes by it, as the change budget counts them. */
export interface RecordChanges {
  readonly incoming: IncomingRecord;
  readonly taken: TakenRecord;
  readonly changes: readonly CountedChange[];
  /** State of the person; `null`: nothing was decided about anybody. */
  readonly before: ItemState | null;
  readonly after: ItemState | null;
}

/** Check of the changes of records before anything is written; an error that it throws ends the transaction. */
export type CheckRecords = (records: readonly RecordChanges[]) => Promise<void>;

export interface TakenRecord {
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'conflict' | 'stale' | 'ambiguous' | 'refused' | 'held' | 'staged';
  readonly identityId: string | null;
  readonly recordId: string | null;
  /** Key by which an existing identity was found for a new record; `null` otherwise. */
  readonly linkedBy: string | null;
  /** A sentence without personal data. */
  readonly message: string;
  /** `unchanged`, and the version is newer: that much is stored. */
  readonly isNewerVersion?: boolean;
  /** Reason of `ambiguous`. */
  readonly why?: WhyAmbiguous;
  /** Lifecycle state by the decision; absent where nothing was decided. */
  readonly state?: LifecycleState;
  /** True for a login where the same login again would decide nothing; absent: it would, or nothing was decided. */
  readonly isSettled?: boolean;
  /** Attributes, `groups` and `userType` that a login left out, and that stay as they were stated before; absent: none. */
  readonly kept?: readonly string[];
  /** Batch in which it waits for approval, with `held`. */
  readonly batchId?: string;
}
