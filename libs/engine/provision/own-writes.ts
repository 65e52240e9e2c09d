import type { AcceptedWrites } from '@tenure/domain';
import type { StoredAccount } from '@tenure/store';

/**
 * Writes of Tenure after an account was only read: without memberships that the read showed and Tenure neither gave nor desires. Others have given
 * them, and where others take them back, nothing is left to be removed.
 */
export function ownWrites(accepted: AcceptedWrites, { accepted: before, desired }: Pick<StoredAccount, 'accepted' | 'desired'>): AcceptedWrites {
  const own = Object.entries(accepted.memberships).filter(([name]) => Object.hasOwn(before.memberships, name) || desired.entitlements.includes(name));
  return { ...accepted, memberships: Object.fromEntries(own) };
}
