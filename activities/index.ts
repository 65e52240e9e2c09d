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
export type { Applied } from './provision/apply-operations.ts';
export type { RequestInput } from './activities.ts';
export type { WaveApplied } from './wave/apply-wave.ts';
export type { PlanWaveInput, WaveSlice } from './wave/plan-wave.ts';
export type { InboxStanding } from '@tenure/engine/cases';
export type { Decision } from '@tenure/engine/decide';
export type { RequestStanding, TakenAnswer } from '@tenure/engine/requests';
