export { type PastAccess, accessAt } from './access-at.ts';
export type { ForecastChange, AccessSimulation } from './simulate-access.ts';
export { type Previews, createPreviews } from './previews.ts';
