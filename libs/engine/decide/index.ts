export type { Decision } from './decision.ts';
export type { Engine, StartedPolicy } from './engine.ts';
export { createEngine } from './create-engine.ts';
export { type Meter, noMeter } from './meter.ts';
export { notBefore } from './not-before.ts';
export { wake } from './wake.ts';
