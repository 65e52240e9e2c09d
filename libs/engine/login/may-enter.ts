import type { ProviderSettings } from '@tenure/config';
import type { Transaction } from '@tenure/store';
import { hasRightsInTenure } from '../callers/has-rights-in-tenure.ts';
import type { Engine } from '../decide/engine.ts';

/**
 * True if a login of this provider may act as this person. For a person with rights in Tenure that needs more than a key which the provider asserts:
 * its entry says so (`mayLink: [privileged]`), an administrator has confirmed it, or no source but this provider has ever sent a record of the
 * person. Checked at each login and each request, since people get rights after their logins were bound.
 * @param recordId of the login
 */
export async function mayEnter(
  tx: Transaction,
  engine: Engine,
  provider: Pick<ProviderSettings, 'name' | 'mayLink'>,
  identityId: string,
  recordId: string,
): Promise<boolean> {
  if (provider.mayLink?.includes('privileged') === true) return true;
  if (!(await hasRightsInTenure(tx, engine, identityId))) return true;
  return tx.logins.isConfirmed(identityId, provider.name, recordId);
}

/** Does the same check for a session of somebody who has rights in Tenure. @param provider of tenure.yaml; absent: it is not there any more */
export async function mayGoOn(tx: Transaction, provider: Pick<ProviderSettings, 'name' | 'mayLink'> | undefined, identityId: string): Promise<boolean> {
  return provider === undefined || provider.mayLink?.includes('privileged') === true || tx.logins.isConfirmed(identityId, provider.name, null);
}
