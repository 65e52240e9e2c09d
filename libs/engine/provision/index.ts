export { rivalOfAdoption, rivalsIn } from './rival-of-adoption.ts';
export { type Saved, countWorked, saveWorked } from './save-worked.ts';
export { tendRefusedChanges } from './target-cases.ts';
export { type Worked, workOnAccount } from './work-on-account.ts';
