import type { ChangeKind } from '@tenure/domain';
import { describeChange, type StoredOperation } from '@tenure/store';

/** An operation as people read it: without the values, which are a person's data. */
export interface OperationView extends Omit<StoredOperation, 'change' | 'attempts'> {
  readonly kind: ChangeKind;
  readonly change: Readonly<Record<string, unknown>>;
  readonly attemptCount: number;
}

export function viewOperation({ change, attempts, ...operation }: StoredOperation): OperationView {
  return { ...operation, kind: change.kind, change: describeChange(change), attemptCount: attempts };
}
