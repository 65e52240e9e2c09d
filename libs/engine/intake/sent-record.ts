import type { TakenRecord } from './taken-record.ts';

/** A record as a source sends it, before anything of it is checked. */
export interface SentRecord {
  readonly externalId: string;
  readonly version: string;
  /** `null`: as it was said last. */
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
  /** With `held`: the batch in which it waits. */
  readonly batchId: string | null;
}
