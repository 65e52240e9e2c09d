export { endLater, endUrgently, mustFitEndsLater } from './end-urgently.ts';
export type { EndingCaller } from './may-end.ts';
export { type Reactivation, reactivate } from './reactivate.ts';
export { askSecondPerson, closeUrgentEnds, endWaiting, mustBeSeen, waitingIn } from './second-person.ts';
export { type EndAhead, type Termination, liftTermination, mustLieAhead, terminate } from './terminate.ts';
export { withinUrgentEnds } from './within-urgent-ends.ts';
