export { checkDueConnections, followConnections } from './check-due.ts';
export { checkProvider } from './check-provider.ts';
export { connectionKey } from './connection-case.ts';
export { type Tested, probesOf, testConnections } from './probes.ts';
export { requestCheck } from './request-check.ts';
