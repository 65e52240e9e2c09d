import { type Configuration, configurationOf, type Environment, loadConfiguration } from '@tenure/config';
import { ConfigurationInvalid } from '@tenure/domain';
import type { ActContext, Store } from '@tenure/store';
import { createEngine } from '../decide/create-engine.ts';

import { type StartedPolicy, startPolicy } from '../policy/publish-policy.ts';

/** A configuration version, as a process works by it: with the secrets that the process has. */
export interface VersionInUse {
  readonly version: number;
  readonly configuration: Configuration;
  /** SHA-256 of its tenure.yaml. */
  readonly digest: string;
}

/** Place in which a process finds files that the configuration names, and secrets. */
export interface ProcessPlace {
  /** Folder of tenure.yaml and policy/, absolute. */
  readonly directory: string;
  readonly environment: Environment;
}

/** Version in use after a start, and the part of the files that was put in force or waits. */
export interface StartedVersion extends VersionInUse {
  readonly started: StartedPolicy;
}

/** tenure.yaml and policy/ as a process finds them at its start. */
export interface StartFiles {
  readonly configuration: Configuration;
  /** Secrets that this process lacks, where it can start nevertheless: the files must not come into force then. */
  readonly lacking: ConfigurationInvalid | null;
}

/**
 * Reads the files of a start. Where they come into force by a command alone, they may name secrets that do not exist yet.
 * @throws ConfigurationInvalid with everything that is wrong
 */
export async function readStartFiles(place: ProcessPlace): Promise<StartFiles> {
  try {
    return { configuration: await loadConfiguration(place), lacking: null };
  } catch (error) {
    if (!(error instanceof ConfigurationInvalid)) throw error;
    const configuration = await loadConfiguration({ ...place, standIn: 'https://unset.invalid' }).catch(() => null);
    if (configuration?.applyPolicy !== 'by-command') throw error;
    return { configuration, lacking: error };
  }
}

/**
 * Starts a process: offers the files' version, by the rules of `applyPolicy`, and takes over the version in force, whichever it is.
 * @param files of `place`, read
 * @throws ConfigurationInvalid when this process lacks a secret of the version in force
 */
export async function startVersion(
  store: Store,
  place: ProcessPlace,
  { configuration: files, lacking }: StartFiles,
  context: ActContext,
): Promise<StartedVersion> {
  const digest = files.settings?.digest ?? '';
  const started = await store.transaction(context, async (tx) => {
    const inForce = await tx.access.currentPolicy();
    // Nothing is stored before this process has all that it needs.
    if (lacking !== null && (inForce === null || inForce.settingsDigest === null || inForce.settingsDigest === digest)) throw lacking;
    return startPolicy(tx, createEngine({ configuration: files }));
  });
  const current = await store.read((tx) => tx.access.currentPolicy());
  if (current === null || current.settingsDigest === null || current.settingsDigest === digest)
    return { version: started.version, configuration: files, digest, started };
  return { ...(await readVersion(store, place, current.version)), started };
}

/** @throws ConfigurationInvalid when this process lacks one of its secrets, or this release does not allow the stored version */
export async function readVersion(store: Store, place: ProcessPlace, version: number): Promise<VersionInUse> {
  const { settings, policy } = await store.read(async (tx) => ({ settings: await tx.access.settingsOf(version), policy: await tx.access.policy(version) }));
  if (settings === null || policy === null) throw new Error(`configuration version ${version} is not stored`);
  return { version, configuration: await configurationOf({ ...place, version, settings, policy: policy.document }), digest: settings.digest };
}
