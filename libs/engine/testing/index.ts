export {
  type ConfigurationParts,
  crmTarget,
  entitlementsOf,
  oidcApplication,
  samlApplication,
  testConfiguration,
  testProvider,
  testSource,
} from './configuration.ts';
export { createOneAccount, type OneAccount } from './one-account.ts';
export { type AccountDescription, approvedItem, grantedException, observedAccount, openSuspension, type PersonDescription } from './person.ts';
export { createTestEngine, type TestEngine } from './test-engine.ts';
