export { type PastAccess, accessAt } from './access-at.ts';
export type { ForeseenChange, Foresight } from './foresee.ts';
export { type Previews, createPreviews } from './previews.ts';
