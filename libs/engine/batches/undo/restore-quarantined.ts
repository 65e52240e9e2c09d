import type { CountedChange, FallAwayReason, UndoOrigin } from '@tenure/domain';
import type { BatchItem, QuarantinedAccount, Transaction } from '@tenure/store';
import { restoreAccount } from '../../corrections/restore-account.ts';
import type { CheckRestored, RestoredItem } from './restore-records.ts';

/**
 * Undoes corrections of a target: accounts of nobody come back from quarantine, with their state and memberships, and are not corrected by themselves
 * any more. What was written to accounts of known people stays: it is their desired state, which records, the policy and assignments decide.
 */
export async function restoreQuarantined(
  tx: Transaction,
  target: string,
  { reason: requested }: Pick<UndoOrigin, 'reason'>,
  items: readonly BatchItem[],
  check?: CheckRestored,
): Promise<readonly RestoredItem[]> {
  const found: { readonly item: RestoredItem; readonly account: QuarantinedAccount | null }[] = [];
  for (const undone of items) {
    const account = undone.identityId === null ? await tx.quarantinedAccounts.openOf(target, undone.key) : null;
    const reason = reasonFor(undone, account);
    const changes = reason === null && account !== null ? changesOf(account) : [];
    found.push({ account, item: { undone, identityId: undone.identityId, reason, changes, before: null, after: null } });
  }
  const all = found.map(({ item }) => item);
  await check?.(all);
  for (const { item, account } of found) if (item.reason === null && account !== null) await restoreAccount(tx, account.id, requested);
  return all;
}

/** An account that has left the quarantine, or is about to, is as a person or the worker has decided since. */
function reasonFor({ identityId, batchId }: BatchItem, account: QuarantinedAccount | null): FallAwayReason | null {
  if (identityId !== null) return 'desired';
  return account === null || account.batchId !== batchId || account.state === 'restoring' ? 'newer' : null;
}

function changesOf({ target, wasEnabled, memberships }: QuarantinedAccount): readonly CountedChange[] {
  // Nothing was changed yet where it was not looked at.
  if (memberships === null) return [];
  if (wasEnabled !== false) return [{ target, kind: 'enable' }];
  return memberships.length > 0 ? [{ target, kind: 'gain' }] : [];
}
