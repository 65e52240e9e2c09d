import type { ReconciliationRun, Transaction } from '@tenure/store';
import { wakeToDecide } from '../batches/wake-to-decide.ts';

/** Maximum number of accounts in one run; the others wait for the next one. */
const most = 500;

/**
 * Ends the wait of accounts that others changed and that have no open finding any more, though their target cannot show all of the desired state: they are
 * read alone, and concluded from that. Called after a complete run has closed findings.
 */
export async function settleDrift(tx: Transaction, { target }: ReconciliationRun): Promise<void> {
  const accountIds = await tx.access.driftedWithoutFinding(target, most);
  if (accountIds.length === 0) return;
  // People before their accounts, as every decision locks them.
  await tx.people.lock(await tx.access.ownersOf(accountIds));
  await wakeToDecide(tx, await tx.access.approveCorrection(accountIds), 'restart');
}
