export { abandonOperation, leaveUndone, retryOperation, cancelOperation } from './decide-operation.ts';
export { type DecidedOperations, type OperationScope, decideOperations } from './decide-operations.ts';
