import type { CountedChange, FallAwayReason } from '@tenure/domain';
import type { BatchItem, QuarantinedAccount, Transaction } from '@tenure/store';
import { restoreAccount } from '../../corrections/restore-account.ts';
import type { RestoredItem } from './restore-records.ts';

/** Items of accounts of nobody, with the effect of undoing them. `restore` has these accounts brought back. */
export interface QuarantinedItems {
  readonly items: readonly RestoredItem[];
  restore(reason: string): Promise<void>;
}

/** Reads which accounts of nobody come back from quarantine when these items are undone. */
export async function quarantinedItems(tx: Transaction, target: string, items: readonly BatchItem[]): Promise<QuarantinedItems> {
  const found: { readonly item: RestoredItem; readonly account: QuarantinedAccount | null }[] = [];
  for (const undone of items) {
    const account = await tx.quarantinedAccounts.openOf(target, undone.key);
    const reason = reasonFor(undone, account);
    const changes = reason === null && account !== null ? changesOf(account) : [];
    found.push({ account, item: { undone, identityId: undone.identityId, reason, changes, before: null, after: null } });
  }
  return {
    items: found.map(({ item }) => item),
    async restore(reason) {
      for (const { item, account } of found) if (item.reason === null && account !== null) await restoreAccount(tx, account.id, reason);
    },
  };
}

/** An account that has left the quarantine, or is about to, is as a person or the worker has decided since. */
function reasonFor({ batchId }: BatchItem, account: QuarantinedAccount | null): FallAwayReason | null {
  return account === null || account.batchId !== batchId || account.state === 'restoring' ? 'newer' : null;
}

function changesOf({ target, wasEnabled, memberships }: QuarantinedAccount): readonly CountedChange[] {
  // Nothing was changed yet where it was not looked at.
  if (memberships === null) return [];
  if (wasEnabled !== false) return [{ target, kind: 'enable' }];
  return memberships.length > 0 ? [{ target, kind: 'gain' }] : [];
}
