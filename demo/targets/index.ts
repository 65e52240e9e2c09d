export { bindDn as directoryBindDn, lookIntoDirectory, type RunningDirectory, slapdPath, startDirectory } from './directory.ts';
export { type Fault, type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
export { reopenInScim } from './reopen-in-scim.ts';
export { type DialectServer, type ScimDialect, startDialectServer } from './scim-dialects.ts';
export { lookIntoScim, startScimServer } from './scim-server.ts';
export { lookIntoSql, type RunningSqlApplication, startSqlApplication } from './sql-application.ts';
export type { RunningTarget, TargetState } from './target-state.ts';
