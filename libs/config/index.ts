export * from './configuration.ts';
export type { Environment } from './environment-references.ts';
export { linkingWarnings } from './linking-warnings.ts';
export { loadConfiguration, type PolicyFile, readPolicyFiles } from './load-configuration.ts';
export { loadPolicyTests, type PolicyTest } from './policy-tests.ts';
export { type ProcessSettings, processSettings } from './process-settings.ts';
export { policyWarnings } from './policy-warnings.ts';
export { LOGIN_RATE, readRetention } from './read-tenure.ts';
export { starterConfiguration, writeStarterConfiguration } from './starter-configuration.ts';
