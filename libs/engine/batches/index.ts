export { approveBatch } from './approve-batch.ts';
export { batchKey } from './batch-case.ts';
export type { BatchApproval } from './batch-decision.ts';
export { carryOutRecords, waitAgain } from './carry-out-records.ts';
export { discardBatch } from './discard-batch.ts';
export { judgeImport } from './judge-import.ts';
export { finishWave } from './open-wave.ts';
export { wouldBeTaken } from './rehearse.ts';
export { mustDecideWave } from './must-decide-wave.ts';
