export type { Decision } from './decision.ts';
export type { Loop, StartedPolicy } from './loop.ts';
export { createLoop } from './create-loop.ts';
export { type Meter, noMeter } from './meter.ts';
export { notBefore } from './not-before.ts';
export { wake } from './wake.ts';
