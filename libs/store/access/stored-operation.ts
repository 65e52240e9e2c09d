import type { Operation, OperationReason } from '@tenure/domain';

export interface StoredOperation extends Operation {
  /** Why it was planned. No personal data. */
  readonly reason: OperationReason;
  readonly correlationId: string;
  readonly position: number;
}
