export { type WantedHold, liftHold, placeHold } from './place-hold.ts';
