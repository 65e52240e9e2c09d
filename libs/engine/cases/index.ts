export { openCase } from './open-case.ts';
export { notifyOwners } from './notify-owners.ts';
export { type InboxProgress, tendCases } from './tend-cases.ts';
export {
  claimCase,
  commentCase,
  decideApplicationAddressOf,
  decideLoginOf,
  decideRecordOf,
  openCaseFor,
  reassignCase,
  releaseCase,
  resolveCase,
} from './answer-case.ts';
export { answererOf, isOperator } from './answerer.ts';
