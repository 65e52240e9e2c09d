import type { Operation, OperationReason } from '@tenure/domain';

export interface StoredOperation extends Operation {
  /** Reason of the operation. No personal data. */
  readonly reason: OperationReason;
  readonly correlationId: string;
  readonly position: number;
}
