import { randomUUID } from 'node:crypto';
import type { ReconciliationRun, Transaction } from '@tenure/store';

/** Begins the run that was requested for a target, or a scheduled one. Runs that a lost worker has left behind end, and their rows go. */
export async function beginRun(tx: Transaction, target: string): Promise<ReconciliationRun> {
  const { run } = await tx.reconciliationRuns.begin(randomUUID(), target, tx.context.now);
  for (const id of await tx.staging.runs()) {
    const left = await tx.reconciliationRuns.get(id);
    if (left === null || left.finishedAt !== null) await tx.staging.drop(id);
  }
  await tx.staging.create(run.id);
  return run;
}
