export { type WantedHold, liftHold, placeHold } from './holds.ts';
