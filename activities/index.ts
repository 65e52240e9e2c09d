export {
  type Activities,
  type BatchChangePartInput,
  type ConcludedRun,
  type ReconciliationInput,
  type ActivityDependencies,
  type ApplyOperationsInput,
  createActivities,
  type DecideInput,
} from './activities.ts';
export { type ContactDependencies, modeOf } from './provision/contact-target.ts';
export type { Applied } from './provision/apply-operations.ts';
export type { RequestInput } from './activities.ts';
export type { BatchApplied } from './batches/apply-batch.ts';
export type { PlanBatchInput, BatchSlice } from './batches/plan-batch.ts';
export type { InboxProgress } from '@tenure/engine/cases';
export type { Decision } from '@tenure/engine/decide';
export type { RequestProgress, TakenAnswer } from '@tenure/engine/requests';
