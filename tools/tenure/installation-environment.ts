import { existsSync } from 'node:fs';
import { secretsIn } from './home.ts';
import { type Keys, knownKeys } from './keys.ts';
import { findRunning, type RunningInstallation } from './running-file.ts';

/** The environment of a command-line tool, complete: with the database, Temporal's address and the keys. */
export type InstallationEnvironment = NodeJS.ProcessEnv & {
  readonly DATABASE_URL: string;
  readonly TEMPORAL_ADDRESS: string;
  readonly TEMPORAL_NAMESPACE: string;
};

/**
 * Completes the environment of a tool. Variables that are set count; the others are those of the installation that `npm start` runs in `home`.
 * @throws Error in one sentence when something is neither set nor running here
 */
export async function installationEnvironment(home: string, environment: NodeJS.ProcessEnv, needs: 'database' | 'temporal'): Promise<InstallationEnvironment> {
  const needed = ['DATABASE_URL', ...(needs === 'temporal' ? ['TEMPORAL_ADDRESS'] : [])];
  const missing = needed.filter((name) => !environment[name]);
  const running = missing.length > 0 ? await mustRun(home, missing) : null;
  return {
    ...(missing.includes('TEMPORAL_ADDRESS') ? running?.temporalSettings : {}),
    ...(existsSync(secretsIn(home)) ? { TENURE_SECRETS: secretsIn(home) } : {}),
    ...withoutEmpty(environment),
    ...(await mustKnowKeys(home, environment)),
    MIGRATION_DATABASE_URL: environment['MIGRATION_DATABASE_URL'] || running?.ownerUrl,
    DATABASE_URL: environment['DATABASE_URL'] || (running?.databaseUrl ?? ''),
    TEMPORAL_ADDRESS: environment['TEMPORAL_ADDRESS'] || (running?.temporalAddress ?? ''),
    TEMPORAL_NAMESPACE: environment['TEMPORAL_NAMESPACE'] || (running?.temporalNamespace ?? 'default'),
  };
}

/**
 * Completes the variables of Temporal alone.
 * @throws Error in one sentence when no address is set and nothing is running here
 */
export async function temporalEnvironment(home: string, environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  if (environment['TEMPORAL_ADDRESS']) return environment;
  const { temporalAddress, temporalNamespace, temporalSettings } = await mustRun(home, ['TEMPORAL_ADDRESS']);
  return { ...temporalSettings, TEMPORAL_NAMESPACE: temporalNamespace, ...withoutEmpty(environment), TEMPORAL_ADDRESS: temporalAddress };
}

/** An empty variable is one that is not set. */
function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
}

async function mustRun(home: string, missing: readonly string[]): Promise<RunningInstallation> {
  const running = await findRunning(home);
  if (running === null)
    throw new Error(
      `Tenure is not running here: npm start. (For one that runs elsewhere, set ${missing.join(' and ')}${missing.includes('DATABASE_URL') ? ' and its keys' : ''}.)`,
    );
  return running;
}

async function mustKnowKeys(home: string, environment: NodeJS.ProcessEnv): Promise<Keys> {
  const keys = await knownKeys(home, environment);
  if (keys === null) throw new Error('TENURE_MASTER_KEY and TENURE_AUDIT_KEY have to be set to the keys of the installation.');
  return keys;
}
