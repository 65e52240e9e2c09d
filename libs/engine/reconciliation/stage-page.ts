import type { AccountPage } from '@tenure/connectors';
import type { ObservedAccount } from '@tenure/domain';
import type { ReconciliationRun, StagedRow, Transaction } from '@tenure/store';
import { stageSigns } from './stage-signs.ts';
import type { ReconciledTarget } from './reconciled-target.ts';

/**
 * Keeps a page of a run as it is by now, with the token of the next one: both, or neither.
 * @param staged converts an account: see `stagingOf`
 */
export async function stagePage(
  tx: Transaction,
  target: ReconciledTarget,
  page: AccountPage,
  staged: (observed: ObservedAccount) => StagedRow,
): Promise<ReconciliationRun> {
  const { items, total, next, isByPosition, doubt, memberships } = page;
  await tx.staging.addPage(target.run.id, items.map(staged));
  await stageSigns(tx, target, items);
  if (memberships !== undefined)
    await tx.staging.addMemberships(
      target.run.id,
      memberships.map((each) => ({ ...each, isKnown: target.managed.has(each.entitlement) })),
    );
  // A page of memberships says nothing about the number of accounts.
  const counted = memberships === undefined ? { total, isByPosition } : { total: target.run.total, isByPosition: target.run.isByPosition };
  return tx.reconciliationRuns.addPage(target.run, { ...counted, accounts: items.length, doubt, nextPage: next }, tx.context.now);
}
