export { type FollowedVersions, followVersions } from './follow-versions.ts';
export { logStarted, logVersions } from './log-versions.ts';
export { type ProcessPlace, readStartFiles, startVersion, type StartedVersion, type StartFiles, type VersionInUse } from './version-in-use.ts';
