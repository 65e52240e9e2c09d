import type { OperationStatus } from './account.ts';

/** Allowed transitions of an operation by its status. `done` and `superseded` are final. */
export const OPERATION_MOVES: Readonly<Record<OperationStatus, readonly OperationStatus[]>> = {
  pending: ['done', 'failed', 'given-up', 'superseded'],
  failed: ['pending', 'given-up', 'superseded'],
  'given-up': ['pending', 'superseded'],
  done: [],
  superseded: [],
};

/** True if an operation may move from one status to another. */
export function mayMove(from: OperationStatus, to: OperationStatus): boolean {
  return OPERATION_MOVES[from].includes(to);
}
