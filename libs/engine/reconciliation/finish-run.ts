import { type EvaluatedReading, type FindingHandlings, provesAbsence } from '@tenure/domain';
import type { ReconciliationRun, RunResult, Transaction } from '@tenure/store';
import { settleDrift } from './settle-drift.ts';
import { tendFindingCases } from './tend-finding-cases.ts';

/**
 * Ends a run: findings that a complete reading no longer shows are closed, cases are opened for open findings, and the rows are deleted.
 * @param mayClose false: the run could not look at everything that it should have, so it closes nothing
 * @param handlings of the target's findings by kind; absent kinds are cases
 */
export async function finishRun(
  tx: Transaction,
  run: ReconciliationRun,
  evaluated: EvaluatedReading,
  counts: Omit<RunResult, 'closed'>,
  mayClose: boolean,
  handlings: FindingHandlings = {},
): Promise<ReconciliationRun> {
  const { now } = tx.context;
  const closed = mayClose && provesAbsence(evaluated.verdict) ? await tx.findings.closeOthers(run.target, run.id, now) : 0;
  if (mayClose && provesAbsence(evaluated.verdict)) await settleDrift(tx, run);
  const finished = await tx.reconciliationRuns.finish(run.id, evaluated, { ...counts, closed }, now);
  await tx.staging.drop(run.id);
  if (provesAbsence(evaluated.verdict)) await tx.unprovenAccounts.keepOnly(run.target, run.id);
  await tendFindingCases(tx, finished, handlings);
  return finished;
}
