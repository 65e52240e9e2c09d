export { createApp } from './create-app.ts';
export type { ApiDependencies } from './dependencies.ts';
