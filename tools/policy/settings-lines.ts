import { type Configuration, settingsDifferences } from '@tenure/config';
import type { Store, StoredSettings } from '@tenure/store';

const signs = { added: '+', changed: '~', removed: '-' } as const;

/** What changes in tenure.yaml, as people read it; empty when nothing does. Names of settings, never their values. */
export async function settingsLines(configuration: Configuration, inForce: StoredSettings | null, store: Store): Promise<string[]> {
  if (inForce === null || configuration.settings === undefined || configuration.settings.digest === inForce.digest) return [];
  const differences = settingsDifferences(inForce.document, configuration.settings.document);
  const removed = differences.flatMap(({ kind, what }) => (kind === 'removed' && what.startsWith('targets.') ? what.slice('targets.'.length) : []));
  const inUse = await store.read((tx) => tx.access.accountsInUse(removed));
  return [
    'In tenure.yaml:',
    ...differences.map(({ kind, what, fields }) => `  ${signs[kind]} ${what}${fields.length === 0 ? '' : `: ${fields.join(', ')}`}`),
    ...inUseLines(inUse),
  ];
}

/** Why targets cannot be removed, one sentence each. */
export function inUseLines(inUse: Readonly<Record<string, number>>): string[] {
  return Object.entries(inUse).map(
    ([target, accounts]) =>
      `targets.${target} cannot be removed: ${accounts === 1 ? 'one account there is' : `${accounts} accounts there are`} in use. Take its entitlements out of the policy and apply that; remove the target when its accounts are closed.`,
  );
}
