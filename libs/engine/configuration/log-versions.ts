import { DomainError } from '@tenure/domain';
import type { FollowSettings } from './follow-versions.ts';
import type { StartedVersion } from './version-in-use.ts';

/** The part of a log that is written to. */
interface Log {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

/** Logs which part of the files waits, where some of it does. */
export function logStarted(log: Log, { started, version }: Pick<StartedVersion, 'started' | 'version'>): void {
  const fields = { policyVersion: version };
  if (started.inUse !== undefined)
    log.error(
      { ...fields, accountsInUse: started.inUse },
      `tenure.yaml removes targets in which people have accounts, so version ${version} stays in force: take their entitlements out of the policy first, and remove a target when its accounts are closed`,
    );
  else if (started.waitsIn !== null)
    log.warn(
      { ...fields, waveId: started.waitsIn },
      'the files of policy/ and tenure.yaml change more than the change budget allows: they wait for release, and the version before stays in force',
    );
  else if (started.differs)
    log.warn(
      fields,
      'the files of policy/ and tenure.yaml are not the current version, which stays in force: npm run config -- plan shows what they would change',
    );
}

/** Logs which versions a process takes over, or cannot. */
export function logVersions(log: Log): FollowSettings['events'] {
  return {
    taken: ({ version }) => log.info({ policyVersion: version }, `configuration version ${version} is taken over`),
    failed: (error, version) =>
      // Problems of a configuration name settings and variables, never their values.
      log.error(
        { policyVersion: version, ...(error instanceof DomainError ? { problem: error.message } : { err: error }) },
        `configuration version ${version} cannot be taken over: this process goes on by the version before, and tries again`,
      ),
    lost: (error) => log.warn({ err: error }, 'the PostgreSQL connection for notifications was lost; the process connects again'),
  };
}
