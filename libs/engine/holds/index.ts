export { type WantedHold, liftHold, placeHold } from './place-hold.ts';
export { placeHoldAs } from './place-hold-as.ts';
