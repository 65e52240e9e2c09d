import { type Configuration, targetTitle } from '@tenure/config';
import type { StoredAccount } from '@tenure/store';

export interface AccountView extends StoredAccount {
  readonly targetTitle: string;
  readonly isConfirmed: boolean;
}

export function viewAccounts(accounts: readonly StoredAccount[], configuration: Configuration): readonly AccountView[] {
  return accounts.map((account) => ({ ...account, targetTitle: targetTitle(configuration, account.target), isConfirmed: account.confirmedAt !== null }));
}
