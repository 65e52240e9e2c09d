import { type Configuration, configurationOf, type Settings } from '@tenure/config';
import { ConfigurationInvalid, type PolicyDocument } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/** Value in place of each secret; no decision depends on it. */
const standIn = 'https://unset.invalid';

/**
 * Configuration by which people are decided today, to compare another one with it: without its secrets.
 * @param own of this process, or of the files; taken where the database keeps the same tenure.yaml, or none yet
 */
export async function configurationInForce(tx: Transaction, own: Configuration): Promise<Configuration> {
  const current = await tx.access.currentPolicy();
  if (current === null || current.settingsDigest === null || own.settings === undefined || own.settings.digest === current.settingsDigest) return own;
  const settings = await tx.access.settingsOf(current.version);
  if (settings === null) return own;
  // A version stored by an older release may be refused by this one: then the new one is all there is to compare with.
  return withoutSecrets(own, settings, own.policy, current.version).catch((error: unknown) => {
    if (error instanceof ConfigurationInvalid) return own;
    throw error;
  });
}

/** Another tenure.yaml in place of a configuration's own, for decisions and not for connections. */
export function withoutSecrets({ directory }: Configuration, settings: Settings, policy: PolicyDocument, version: number): Promise<Configuration> {
  return configurationOf({ version, settings, policy, directory, environment: {}, standIn });
}
