import { concludeFindings, type Difference, type JoinedAccount, provesAbsence } from '@tenure/domain';
import { noMeter } from '@tenure/engine/decide';
import { recordSightings } from '@tenure/engine/reconciliation';
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
  { store, engine, meter = noMeter, target, context, verdict }: Comparing,
  run: RunInProgress,
  compared: readonly ComparedAccount[],
  next: Pick<RunProgress, 'step' | 'after' | 'looks'> & Partial<Pick<RunProgress, 'listedTo' | 'lastLooked'>>,
): Promise<ReconciliationRun> {
  const { progress } = run;
  const differences = compared.flatMap((each) => each.differences);
  const { found, unproven } = concludeFindings(verdict, differences);
  const settling = compared.flatMap(({ joined: { known } }) => (known?.isSettling === true ? known.id : []));
  const proven = new Set(found);
  const sightings = compared.map(({ joined, differences: own }) => ({ joined, differences: own.filter((one) => proven.has(one)) }));
  return store.transaction(context(), async (tx) => {
    const opened = await tx.findings.see(run.target, run.id, found, tx.context.now);
    await tx.findings.keep(run.target, run.id, settling, unproven);
    await tx.reconciledAccounts.save(compared.flatMap(reconciledOf));
    const { saved, newer } = await recordSightings(tx, engine, target, sightings);
    if (provesAbsence(verdict)) await tx.unprovenAccounts.add(run.id, [...settling, ...newer, ...unproven.flatMap(({ accountId }) => accountId ?? [])]);
    for (const { closedSince } of saved) if (closedSince !== null) meter.endConfirmed(closedSince);
    return tx.reconciliationRuns.advance(run, {
      ...progress,
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
