import { type NotNobodys, provesAbsence } from '@tenure/domain';
import type { ReconciliationRun, Transaction } from '@tenure/store';
import { auditQuarantine } from './quarantine.ts';
import { tendQuarantineCases } from './tend-quarantine-cases.ts';

/**
 * Finds accounts in quarantine that a run has shown as enabled: they are looked at alone, since a listing may show an older state, and are not deleted
 * and become a case where that is true. Those of such a case that are no longer there as accounts of nobody leave the quarantine.
 */
export async function tendQuarantine(tx: Transaction, { id, target, verdict }: Pick<ReconciliationRun, 'id' | 'target' | 'verdict'>): Promise<void> {
  const enabled = await tx.quarantinedAccounts.enabledAgain(target, id);
  for (const account of enabled) await tx.quarantinedAccounts.save({ ...account, nextAt: tx.context.now });
  const others = verdict !== null && provesAbsence(verdict) ? await tx.quarantinedAccounts.settledOtherwise(target) : [];
  for (const account of others) {
    const why: NotNobodys = (await tx.quarantinedAccounts.isKnown(target, account.nativeId, account.userName)) ? 'known' : 'gone';
    await tx.quarantinedAccounts.save({ ...account, state: 'released', failure: null, nextAt: null, endedAt: tx.context.now, endReason: why });
    auditQuarantine(tx, account, { action: 'quarantine.released', reason: { target, why } });
  }
  if (others.length > 0) await tendQuarantineCases(tx, target);
}
