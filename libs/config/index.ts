export * from './configuration.ts';
export type { Environment } from './environment-references.ts';
export { loadConfiguration } from './load-configuration.ts';
export { type ProcessSettings, processSettings } from './process-settings.ts';
export { starterConfiguration, writeStarterConfiguration } from './starter-configuration.ts';
