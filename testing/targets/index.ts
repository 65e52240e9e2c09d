export {
  bindDn as directoryBindDn,
  groups as directoryGroups,
  lookIntoDirectory,
  manageDsaIt,
  people as directoryPeople,
  type RunningDirectory,
  slapdPath,
  startDirectory,
  suffix as directorySuffix,
} from './directory.ts';
export { type Fault, type FaultyProxy, type PassingRequest, startFaultyProxy } from './faulty-proxy.ts';
export { createInScim, giveRoleInSql } from './by-hand.ts';
export { reopenInScim } from './reopen-in-scim.ts';
export { type DialectServer, type ScimDialect, type SeenChange, startDialectServer } from './scim-dialects.ts';
export { lookIntoScim, type RunningScimServer, startScimServer } from './scim-server.ts';
export { lookIntoSql, type RunningSqlApplication, startSqlApplication } from './sql-application.ts';
export type { RunningTarget, TargetState } from './target-state.ts';
