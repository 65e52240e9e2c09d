import { type Configuration, type Environment, settingsDifferences, unsetVariables } from '@tenure/config';
import type { Store, StoredSettings } from '@tenure/store';

const signs = { added: '+', changed: '~', removed: '-' } as const;

interface Known {
  readonly inForce: StoredSettings | null;
  readonly store: Store;
  /** Environment of the command: the processes have their own. */
  readonly environment: Environment;
}

/** Changes of tenure.yaml, as people read them; empty when there are none. Names of settings, never their values. */
export async function settingsLines(configuration: Configuration, { inForce, store, environment }: Known): Promise<string[]> {
  if (inForce === null || configuration.settings === undefined || configuration.settings.digest === inForce.digest) return [];
  const differences = settingsDifferences(inForce.document, configuration.settings.document);
  const removed = differences.flatMap(({ kind, what }) => (kind === 'removed' && what.startsWith('targets.') ? what.slice('targets.'.length) : []));
  const inUse = await store.read((tx) => tx.access.accountsInUse(removed));
  return [
    'In tenure.yaml:',
    ...differences.map(({ kind, what, fields }) => `  ${signs[kind]} ${what}${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`),
    ...inUseLines(inUse),
    ...unsetLines(await unsetVariables(configuration.settings.document, environment), environment['TENURE_SECRETS']),
  ];
}

/** Reasons why targets cannot be removed, one sentence each. */
export function inUseLines(inUse: Readonly<Record<string, number>>): string[] {
  return Object.entries(inUse).map(
    ([target, accounts]) =>
      `targets.${target} cannot be removed: ${accounts === 1 ? 'one account is' : `${accounts} accounts are`} in use there. Remove its entitlements from the policy and apply that first; remove the target when its accounts are closed.`,
  );
}

function unsetLines(unset: readonly string[], folder: string | undefined): string[] {
  if (unset.length === 0) return [];
  return [
    'Not set for this command:',
    ...unset.map((one) => `  ${one}`),
    'A running process without this value keeps the version in force and reports that at /health/ready.',
    `Write the value to a file of that name in the folder ${folder ?? 'TENURE_SECRETS'}, or restart the process with the variable set.`,
  ];
}
