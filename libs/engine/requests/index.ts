export { type RequestStanding, advanceRequest } from './advance-request.ts';
export { answerItem } from './answer-item.ts';
export { breakGlass, reviewKey } from './break-glass.ts';
export { catalogueOf, emergencyCatalogueOf, mayJudgeAccess } from './catalogue.ts';
export { judgeAccess, returnAccess, withdrawRequest } from './end-access.ts';
export { type AskedItem, mustMayAskFor, openRequest } from './open-request.ts';
export { reviewBreakGlass } from './review-break-glass.ts';
export { type TakenAnswer, takeAnswer } from './take-answer.ts';
