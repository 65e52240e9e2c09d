export { giveUpOperation, leaveUndone, retryOperation, skipOperation } from './judge-operation.ts';
export { type JudgedOperations, type OperationScope, judgeOperations } from './judge-operations.ts';
