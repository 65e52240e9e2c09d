import { provesAbsence, type EvaluatedReading } from '@tenure/domain';
import type { ReconciliationRun, Transaction } from '@tenure/store';
import { type ReconciledTarget, readingOf } from './reconciled-target.ts';

/** Records which user names of the configuration the listing of a run lacks, once all pages are read. @returns the run with them */
export async function noteCanaries(tx: Transaction, target: ReconciledTarget): Promise<ReconciliationRun> {
  const { run } = target;
  if (run.readAt === null) return run;
  const missingCanaries = await tx.signs.missing(run.id, readingOf(target).canaries);
  await tx.reconciliationRuns.lacks(run.id, missingCanaries);
  return { ...run, missingCanaries };
}

/** Records besides which accounts of people a run lacks that the target shows when each is read alone: by their ids. */
export async function noteHiddenAccounts(
  tx: Transaction,
  { id, missingCanaries, progress }: ReconciliationRun,
  { verdict, reasons }: EvaluatedReading,
): Promise<void> {
  if (provesAbsence(verdict) || progress === null || !reasons.includes('canary-missing')) return;
  await tx.reconciliationRuns.lacks(id, [...missingCanaries, ...(await tx.signs.hidden(id))]);
}
