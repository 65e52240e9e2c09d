import { createHash } from 'node:crypto';
import type { Configuration } from '@tenure/config';

/** Hexadecimal SHA-256 of the whole configuration that a decision may read, without secrets. The policy has versions of its own. */
export function configurationDigest(configuration: Configuration): string {
  const {
    directory: _directory,
    policy: _policy,
    mail: _mail,
    webhooks: _webhooks,
    settings: _settings,
    applications: _applications,
    targets,
    identityProviders,
    ...rest
  } = configuration;
  const [open, providers] = [targets, identityProviders].map((some) => Object.values(some).map((one) => withoutSecrets(one)));
  return createHash('sha256')
    .update(JSON.stringify([rest, open, providers]))
    .digest('hex');
}

/** The address of an SQL target may contain a password. */
const secrets = ['clientSecret', 'decryptionKey', 'token', 'password', 'url'];

function withoutSecrets(settings: object): object {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !secrets.includes(name)));
}
