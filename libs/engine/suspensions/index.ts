export { type WantedHold, liftHold, placeHold } from './suspend-provisioning.ts';
export { placeHoldAs } from './suspend-provisioning-as.ts';
