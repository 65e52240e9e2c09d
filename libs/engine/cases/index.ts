export { openCase } from './open-case.ts';
export { tellOwners } from './notify-owners.ts';
export { type InboxStanding, tendCases } from './tend-cases.ts';
export { claimCase, commentCase, decideLoginOf, decideRecordOf, openCaseFor, reassignCase, releaseCase, resolveCase } from './answer-case.ts';
export { answererOf, isOperator } from './answerer.ts';
