import type { Store, StoredAccount } from '@tenure/store';

/**
 * Asked before each change: whether the turn of speaking to a target about this account is still held by `by`, and what was desired when it was
 * taken is still desired. Somebody whose end was decided meanwhile gets no account, however long the others of their batch take. False also when
 * the database does not say.
 */
export function isInTurn(store: Store, account: StoredAccount, by: string): Promise<boolean> {
  return store.read((tx) => tx.access.isInTurn(account, by)).catch(() => false);
}
