export { questionsOf } from './account-scope.ts';
export { isInTurn } from './is-in-turn.ts';
export { readsOnly } from './reads-only.ts';
export { rivalOfAdoption, rivalsIn } from './rival-of-adoption.ts';
export { countWorked, saveWorked } from './save-worked.ts';
export type { Saved } from './saved.ts';
export { tendRefusedChanges } from './target-cases.ts';
export { workOnAccount } from './work-on-account.ts';
export type { Worked } from './worked.ts';
