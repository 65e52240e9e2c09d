export { approveBatch } from './approve-batch.ts';
export { batchKey } from './batch-case.ts';
export type { BatchApproval } from './batch-decision.ts';
export { carryOutRecords, waitAgain } from './carry-out-records.ts';
export { discardBatch } from './discard-batch.ts';
export { checkImport } from './check-import.ts';
export { finishBatch } from './open-batch.ts';
export { wouldBeTaken } from './rehearse.ts';
export { approveBatchAs, discardBatchAs, readBatchAs } from './decide-batch-as.ts';
