export { type FollowedVersions, followVersions } from './follow-versions.ts';
export { tellStarted, tellVersions } from './tell-versions.ts';
export { type ProcessPlace, startVersion, type StartedVersion, type VersionInUse } from './version-in-use.ts';
