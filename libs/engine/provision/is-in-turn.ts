import type { Store, StoredAccount } from '@tenure/store';

/**
 * True if `by` still has the turn of speaking to a target about this account, the desired state is still that of when the turn was taken, and the target is
 * not observed. Asked before each change: a person whose end was decided meanwhile gets no account, however long the others of their batch take. False also when the
 * database does not answer.
 */
export function isInTurn(store: Store, account: StoredAccount, by: string): Promise<boolean> {
  return store.read((tx) => tx.access.isInTurn(account, by)).catch(() => false);
}
