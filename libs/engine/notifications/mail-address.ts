import { isMailAddress } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';

/**
 * Mail address of a person. Only from a source with authority, or one that is trusted for the address's domain: a login could state any address, and
 * would be sent mails about others.
 * @returns a code for why there is none
 */
export async function mailAddressOf(
  tx: Transaction,
  { configuration }: Engine,
  { id, attributes }: StoredIdentity,
): Promise<{ readonly address: string } | { readonly none: 'NO_ADDRESS' | 'ADDRESS_NOT_TRUSTED' }> {
  const { email } = attributes;
  if (typeof email?.value !== 'string' || !isMailAddress(email.value)) return { none: 'NO_ADDRESS' };
  const record = (await tx.identities.recordsOf(id)).find((one) => one.id === email.recordId);
  const isAuthority = Object.hasOwn(configuration.sources, email.source) && configuration.sources[email.source]?.authoritative === true;
  return isAuthority || record?.emailTrusted === true ? { address: email.value } : { none: 'ADDRESS_NOT_TRUSTED' };
}
