import { isMailAddress } from '@tenure/domain';
import type { StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';

/**
 * Where somebody gets mail. Only what a source says that has authority, or is trusted for the address's domain: a login could name any
 * address, and would be sent what concerns others.
 * @returns a word for why there is none
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
