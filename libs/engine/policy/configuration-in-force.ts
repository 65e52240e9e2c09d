import { type Configuration, configurationOf, type Settings } from '@tenure/config';
import { ConfigurationInvalid, type PolicyDocument } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/** Stands for secrets, which nothing that is decided rests on. */
const standIn = 'https://unset.invalid';

/**
 * The configuration that people are decided by today, for comparing another one with it: without its secrets.
 * @param own of this process, or of the files; taken where the database keeps the same tenure.yaml, or none yet
 */
export async function configurationInForce(tx: Transaction, own: Configuration): Promise<Configuration> {
  const current = await tx.access.currentPolicy();
  if (current === null || current.settingsDigest === null || own.settings === undefined || own.settings.digest === current.settingsDigest) return own;
  const settings = await tx.access.settingsOf(current.version);
  if (settings === null) return own;
  // What an older release has stored may be refused by this one: then there is nothing to compare with but the new one.
  return withoutSecrets(own, settings, own.policy, current.version).catch((error: unknown) => {
    if (error instanceof ConfigurationInvalid) return own;
    throw error;
  });
}

/** Another tenure.yaml in the place of a configuration's own, to be decided by and not to be connected with. */
export function withoutSecrets({ directory }: Configuration, settings: Settings, policy: PolicyDocument, version: number): Promise<Configuration> {
  return configurationOf({ version, settings, policy, directory, environment: {}, standIn });
}
