export type { Decision } from './decide-identity.ts';
export { type Loop, createLoop } from './loop.ts';
export { type Meter, noMeter } from './meter.ts';
export { notBefore } from './not-before.ts';
