import { provesAbsence } from '@tenure/domain';
import { evaluateRun, finishRun, noteHiddenAccounts, type ReconciledTarget } from '@tenure/engine/reconciliation';
import type { ReconciliationRun, Transaction } from '@tenure/store';

/**
 * Ends a run. Its rows are counted once more, in the same transaction: of a database that was restarted meanwhile, nothing is closed. A run that has not
 * come to its last step closes nothing either.
 */
export async function endRun(tx: Transaction, run: ReconciliationRun, { settings }: ReconciledTarget): Promise<ReconciliationRun> {
  const { found = 0, opened = 0, unproven = 0, step = null } = run.progress ?? {};
  const evaluated = await evaluateRun(tx, run);
  await noteHiddenAccounts(tx, run, evaluated);
  if (step === 'finish' && provesAbsence(evaluated.verdict)) await tx.reconciledAccounts.deleteOthers(run.id, run.target);
  return finishRun(tx, run, evaluated, { found, opened, unproven }, step === 'finish', settings.reconciliation?.findings);
}
