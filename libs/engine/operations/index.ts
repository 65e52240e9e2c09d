export { giveUpOperation, leaveUndone, retryOperation, skipOperation } from './decide-operation.ts';
export { type JudgedOperations, type OperationScope, judgeOperations } from './decide-operations.ts';
