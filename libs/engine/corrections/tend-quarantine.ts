import type { ReconciliationRun, Transaction } from '@tenure/store';
import { auditQuarantine } from './quarantine.ts';
import { tendQuarantineCases } from './tend-quarantine-cases.ts';

/** Finds accounts in quarantine that a run has shown as enabled: they stay as they are, are not deleted, and become a case. */
export async function tendQuarantine(tx: Transaction, { id, target }: Pick<ReconciliationRun, 'id' | 'target'>): Promise<void> {
  const enabled = await tx.quarantinedAccounts.enabledAgain(target, id);
  for (const account of enabled) {
    await tx.quarantinedAccounts.save({ ...account, failure: { code: 'enabled', message: 'somebody has enabled the account again' }, nextAt: null });
    auditQuarantine(tx, account, { action: 'quarantine.failed', reason: { target, state: account.state, code: 'enabled' } });
  }
  if (enabled.length > 0) await tendQuarantineCases(tx, target);
}
