import type { AccountPage } from '@tenure/connectors';
import type { ReconciliationRun, Transaction } from '@tenure/store';
import { stageSigns } from './stage-signs.ts';
import { type ReconciledTarget, stagedIn } from './reconciled-target.ts';

/** Keeps a page of a run, with the token of the next one: both, or neither. */
export async function stagePage(tx: Transaction, target: ReconciledTarget, page: AccountPage): Promise<ReconciliationRun> {
  const { items, total, next, isByPosition, doubt } = page;
  const accounts = await tx.staging.addPage(
    target.run.id,
    items.map((item) => stagedIn(target, item)),
  );
  await stageSigns(tx, target, items);
  return tx.reconciliationRuns.addPage(
    target.run.id,
    { accounts, repeated: items.length - accounts, total, isByPosition, doubt, nextPage: next },
    tx.context.now,
  );
}
