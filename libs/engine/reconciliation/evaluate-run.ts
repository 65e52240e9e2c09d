import { type EvaluatedReading, evaluateReading } from '@tenure/domain';
import type { ReconciliationRun, Transaction } from '@tenure/store';

/**
 * Evaluates the pages that a run has read: against its stored rows, the last complete run, and the accounts that the listing lacks and that were requested alone.
 * @param run with the canaries of the configuration that the listing lacks: see `noteCanaries`
 */
export async function evaluateRun(tx: Transaction, run: ReconciliationRun): Promise<EvaluatedReading> {
  const before = run.expectsFewer ? null : ((await tx.reconciliationRuns.lastComplete(run.target))?.accounts ?? null);
  const rows = await tx.staging.count(run.id);
  const canaries = rows === null ? { hidden: 0, unanswered: 0 } : await tx.looks.canaries(run.id);
  return evaluateReading({
    failure: run.failure,
    isFinished: run.readAt !== null,
    accounts: run.accounts,
    rows: rows ?? 0,
    repeated: run.repeated,
    total: run.total,
    totalChanged: run.totalChanged,
    isByPosition: run.isByPosition,
    doubt: run.doubt,
    before,
    // It matters only where nothing was read, and takes a look at each account.
    known: run.accounts === 0 ? await tx.staging.known(run.target) : run.accounts,
    canariesHidden: canaries.hidden,
    canariesUnanswered: canaries.unanswered,
    canariesUnlisted: run.missingCanaries.length,
  });
}
