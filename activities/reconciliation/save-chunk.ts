import { concludeFindings, type Difference, type JoinedAccount } from '@tenure/domain';
import type { JoinedRow, ReconciledAccount, ReconciliationRun, RunProgress } from '@tenure/store';
import type { Comparing, RunInProgress } from './comparing.ts';

/** An account of a run with its differences. */
export interface ComparedAccount {
  readonly row: JoinedRow;
  /** As it was compared: with the look at it alone, if it was requested again. */
  readonly joined: JoinedAccount;
  readonly differences: readonly Difference[];
}

/** Saves what follows from a chunk of accounts, together with the position of the run. */
export async function saveChunk(
  { store, context, verdict }: Comparing,
  run: RunInProgress,
  compared: readonly ComparedAccount[],
  next: Pick<RunProgress, 'step' | 'after' | 'looks'>,
): Promise<ReconciliationRun> {
  const { progress } = run;
  const differences = compared.flatMap((each) => each.differences);
  const { found, unproven } = concludeFindings(verdict, differences);
  const settling = compared.flatMap(({ joined: { known } }) => (known?.isSettling === true ? known.id : []));
  return store.transaction(context(), async (tx) => {
    const opened = await tx.findings.see(run.target, run.id, found, tx.context.now);
    await tx.findings.keep(run.target, run.id, settling, unproven);
    await tx.reconciledAccounts.save(compared.flatMap(reconciledOf));
    return tx.reconciliationRuns.advance(run, {
      ...next,
      found: progress.found + found.length,
      opened: progress.opened + opened,
      unproven: progress.unproven + unproven.length,
    });
  });
}

/** The state of an account whose listing alone shows no difference: where it is the same in a later run, it is not compared again. */
function reconciledOf({ row: { account, stagedHash }, joined: { known, look }, differences }: ComparedAccount): readonly ReconciledAccount[] {
  const isAsDesired = known !== null && !known.isSettling && look === undefined && differences.length === 0;
  if (!isAsDesired || account === null || stagedHash === undefined) return [];
  return [{ accountId: account.id, stagedHash, desiredHash: account.desiredHash }];
}
