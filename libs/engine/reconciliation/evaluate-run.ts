import { type EvaluatedReading, evaluateReading } from '@tenure/domain';
import type { ReconciliationRun, Transaction } from '@tenure/store';

/** Results of requests for single accounts that the listing lacks. */
export interface Canaries {
  /** Accounts that the target shows when it is asked for each. */
  readonly hidden: number;
  /** Accounts about which the target did not answer. */
  readonly unanswered: number;
  /** User names of the configuration that the listing lacks. */
  readonly unlisted: number;
}

/** Evaluates the pages that a run has read, against its stored rows and the last complete run. */
export async function evaluateRun(
  tx: Transaction,
  run: ReconciliationRun,
  canaries: Canaries = { hidden: 0, unanswered: 0, unlisted: 0 },
): Promise<EvaluatedReading> {
  const before = run.expectsFewer ? null : ((await tx.reconciliationRuns.lastComplete(run.target))?.accounts ?? null);
  return evaluateReading({
    failure: run.failure,
    isFinished: run.readAt !== null,
    accounts: run.accounts,
    rows: (await tx.staging.count(run.id)) ?? 0,
    repeated: run.repeated,
    total: run.total,
    totalChanged: run.totalChanged,
    isByPosition: run.isByPosition,
    doubt: run.doubt,
    before,
    known: await tx.staging.known(run.target),
    canariesHidden: canaries.hidden,
    canariesUnanswered: canaries.unanswered,
    canariesUnlisted: canaries.unlisted,
  });
}
