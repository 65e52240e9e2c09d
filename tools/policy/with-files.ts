import { createEngine, type Engine } from '@tenure/engine/decide';
import type { Configuration, Environment } from '@tenure/config';
import type { ActContext, Store, StoredSettings } from '@tenure/store';
import { homeOf } from '../tenure/home.ts';
import { installationEnvironment } from '../tenure/installation-environment.ts';
import { openInstallation } from '../tenure/open-installation.ts';
import { loadFiles } from './load-files.ts';
import type { PolicyCommand } from './policy-command.ts';

/** The files' policy, and an installation whose database is open. */
export interface OpenFiles {
  readonly configuration: Configuration;
  readonly store: Store;
  readonly engine: Engine;
  readonly context: ActContext;
  /** tenure.yaml in force, as it was before the command; `null`: it was not kept yet. */
  readonly inForce: StoredSettings | null;
  /** Environment of the command, completed from the installation. */
  readonly environment: Environment;
}

/** Opens the installation's database for as long as `work` runs. @throws Error where no policy is in force yet */
export async function withFiles({ directory, environment }: PolicyCommand, work: (open: OpenFiles) => Promise<number>): Promise<number> {
  const configuration = await loadFiles(directory, environment);
  const installation = await installationEnvironment(homeOf(environment), environment, 'database');
  const { store, context, close } = await openInstallation(installation, 'policy');
  try {
    const version = await store.read((tx) => tx.access.currentPolicyVersion());
    if (version === null) throw new Error('No policy is in force yet: the first start takes over the one in these files.');
    const inForce = await store.read((tx) => tx.access.settingsOf(version));
    return await work({ configuration, store, engine: createEngine({ configuration }), context, inForce, environment: installation });
  } finally {
    await close();
  }
}
