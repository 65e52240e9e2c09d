export { rolesInTenure } from './roles-in-tenure.ts';
export { type Authenticate, createAuthenticate } from './authenticate.ts';
export { type Caller, type Role, actorOf, roles } from './caller.ts';
export { recordRefusal } from './record-refusal.ts';
