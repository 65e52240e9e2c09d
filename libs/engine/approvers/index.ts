export { answererOf, mayAnswer } from './answerer-of.ts';
export { answeringOwners, answersFor, caseResolver } from './answering-owners.ts';
export { delegate, revokeDelegation } from './delegate.ts';
export { delegateTo } from './delegate-to.ts';
export { isThere } from './related-person.ts';
export { approverResolver } from './resolve-approvers.ts';
export { standsInFor } from './stands-in-for.ts';
