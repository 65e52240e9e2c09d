import type { ProviderSettings } from '@tenure/config';
import type { Transaction } from '@tenure/store';
import { hasRightsInTenure } from '../has-rights-in-tenure.ts';
import type { Loop } from '../loop.ts';

/**
 * Whether a login of this provider may act as this person. For whoever has rights in Tenure that needs more than a key which the provider
 * asserts: its entry says so (`mayLink: [privileged]`), an administrator has confirmed it, or nothing but this provider has ever said anything
 * of the person. Asked at each login and each request, since people get rights after their logins were bound.
 */
export async function mayEnter(
  tx: Transaction,
  loop: Loop,
  provider: Pick<ProviderSettings, 'name' | 'mayLink'>,
  identityId: string,
  rights: 'unknown' | 'some' = 'unknown',
): Promise<boolean> {
  if (provider.mayLink?.includes('privileged') === true) return true;
  if (rights === 'unknown' && !(await hasRightsInTenure(tx, loop, identityId))) return true;
  return tx.logins.isConfirmed(identityId, provider.name);
}
