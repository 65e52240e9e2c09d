export { type Activities, type ActivityDependencies, type ApplyOperationsInput, createActivities, type DecideInput } from './activities.ts';
export type { Applied } from './apply-operations.ts';
export { accessAt, type PastAccess } from './access-at.ts';
export type { Decision } from './decide-identity.ts';
export type { ForeseenChange, Foresight } from './foresee.ts';
export { createLoop, type Loop } from './loop.ts';
export { type Meter, noMeter } from './meter.ts';
export { settingsOfSource, type SourceOrProvider, trustsDomainOf } from './settings-of-source.ts';
export { type IncomingRecord, type TakenRecord, userTypeFor, wake } from './take-record.ts';
