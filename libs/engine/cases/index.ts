export { openCase } from './open-case.ts';
export { tellOwners } from './tell-owners.ts';
export { type InboxStanding, tendCases } from './tend-cases.ts';
