import { createLoop, type Loop, type PolicyPlan } from '@tenure/activities';
import type { ActContext, Store } from '@tenure/store';
import type { PolicyCommand } from '../policy.ts';
import { homeOf } from '../tenure/home.ts';
import { installationEnvironment } from '../tenure/installation-environment.ts';
import { openInstallation } from '../tenure/open-installation.ts';
import { loadFiles } from './load-files.ts';

/** The files' policy beside the one in force, over everybody in an installation. */
export interface PlannedFiles {
  readonly plan: PolicyPlan;
  readonly store: Store;
  readonly loop: Loop;
  readonly context: ActContext;
}

/** Plans what the files would change, and hands it to `work` while the installation's database is open. */
export async function planFiles({ directory, environment }: PolicyCommand, work: (planned: PlannedFiles) => Promise<number>): Promise<number> {
  const configuration = await loadFiles(directory, environment);
  const installation = await installationEnvironment(homeOf(environment), environment, 'database');
  const { store, context, close } = await openInstallation(installation, 'policy');
  try {
    const loop = createLoop({ configuration });
    if ((await store.read((tx) => tx.access.currentPolicyVersion())) === null)
      throw new Error('No policy is in force yet: the first start takes the one in the files.');
    return await work({ plan: await loop.planPolicy(store, configuration.policy, context.now), store, loop, context });
  } finally {
    await close();
  }
}
