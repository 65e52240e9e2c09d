export type { Decision } from './decision.ts';
export type { Engine } from './engine.ts';
export { createEngine } from './create-engine.ts';
export { decideIdentities, decideIdentity } from './decide-identities.ts';
export { type Meter, noMeter } from './meter.ts';
export { notBefore } from './not-before.ts';
export { wake } from './wake.ts';
