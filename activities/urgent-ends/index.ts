export { endLater, endUrgently, mustFitEndsLater } from './end-urgently.ts';
export type { EndingCaller } from './may-end.ts';
export { askSecondPerson, closeUrgentEnds, endWaiting, mustBeSeen, waitingIn } from './second-person.ts';
export { withinUrgentEnds } from './within-urgent-ends.ts';
