import type { TakenRecord } from './taken-record.ts';

/** A record as a source sends it, before anything of it is checked. */
export interface SentRecord {
  readonly externalId: string;
  readonly version: string;
  /** `null`: the last stated status stays. */
  readonly status: 'active' | 'ended' | null;
  /** An instant (RFC 3339), or the last day (`YYYY-MM-DD`). */
  readonly endedAt: string | null;
  /** Attributes by name. */
  readonly attributes: unknown;
}

/** Result of one record of a batch. */
export interface SentRecordResult {
  readonly externalId: string;
  readonly version: string;
  readonly outcome: TakenRecord['outcome'] | 'invalid' | 'failed';
  readonly identityId: string | null;
  /** A sentence without personal data. */
  readonly message: string;
  /** Batch in which it waits for approval, with `held`; otherwise `null`. */
  readonly batchId: string | null;
}
