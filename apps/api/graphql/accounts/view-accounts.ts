import { type Configuration, targetTitle } from '@tenure/config';
import type { StoredAccount, StoredTargetMode } from '@tenure/store';

/** Status of an account between its desired and its observed state. */
export type AccountStatus = 'confirmed' | 'not-visible' | 'observed-only' | 'protected' | 'changed-by-others' | 'provisioning';

export interface AccountView extends StoredAccount {
  readonly targetTitle: string;
  readonly isConfirmed: boolean;
  readonly status: AccountStatus;
}

/** @param modes of targets that were contacted */
export function viewAccounts(accounts: readonly StoredAccount[], configuration: Configuration, modes: readonly StoredTargetMode[]): readonly AccountView[] {
  const observed = new Set(modes.filter(({ mode }) => mode === 'observe').map(({ target }) => target));
  return accounts.map((account) => ({
    ...account,
    targetTitle: targetTitle(configuration, account.target),
    isConfirmed: account.confirmedAt !== null,
    status: statusOf(account, observed),
  }));
}

function statusOf({ target, confirmedAt, notVisibleAt, driftedAt, protectedAt }: StoredAccount, observed: ReadonlySet<string>): AccountStatus {
  if (confirmedAt !== null) return 'confirmed';
  if (notVisibleAt !== null) return 'not-visible';
  if (observed.has(target)) return 'observed-only';
  if (protectedAt !== null) return 'protected';
  return driftedAt === null ? 'provisioning' : 'changed-by-others';
}
