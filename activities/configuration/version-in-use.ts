import { type Configuration, configurationOf, type Environment } from '@tenure/config';
import type { ActContext, Store } from '@tenure/store';
import { createLoop, type StartedPolicy } from '../loop.ts';

/** A configuration version, as a process works by it: with the secrets that the process has. */
export interface VersionInUse {
  readonly version: number;
  readonly configuration: Configuration;
  /** SHA-256 of its tenure.yaml. */
  readonly digest: string;
}

/** Where a process finds files that the configuration names, and secrets. */
export interface ProcessPlace {
  /** Folder of tenure.yaml and policy/, absolute. */
  readonly directory: string;
  readonly environment: Environment;
}

/** What of the files was put in force at a start, or waits. */
export interface StartedVersion extends VersionInUse {
  readonly started: StartedPolicy;
}

/**
 * What a process does at its start: offers the files' version, as `applyPolicy` says, and takes over the one in force, whichever that is.
 * @param files of `place`, read
 * @throws ConfigurationInvalid when this process lacks a secret of the version in force
 */
export async function startVersion(store: Store, place: ProcessPlace, files: Configuration, context: ActContext): Promise<StartedVersion> {
  const started = await store.transaction(context, (tx) => createLoop({ configuration: files }).startPolicy(tx));
  const digest = files.settings?.digest ?? '';
  const current = await store.read((tx) => tx.access.currentPolicy());
  if (current === null || current.settingsDigest === null || current.settingsDigest === digest)
    return { version: started.version, configuration: files, digest, started };
  return { ...(await readVersion(store, place, current.version)), started };
}

/** @throws ConfigurationInvalid when this process lacks one of its secrets, or this release does not allow what is stored */
export async function readVersion(store: Store, place: ProcessPlace, version: number): Promise<VersionInUse> {
  const { settings, policy } = await store.read(async (tx) => ({ settings: await tx.access.settingsOf(version), policy: await tx.access.policy(version) }));
  if (settings === null || policy === null) throw new Error(`configuration version ${version} is not stored`);
  return { version, configuration: await configurationOf({ ...place, version, settings, policy: policy.document }), digest: settings.digest };
}
