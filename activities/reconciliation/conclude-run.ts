import { provesAbsence, provesPresence } from '@tenure/domain';
import { evaluateRun, noteCanaries, type ReconciledTarget, scopeOfRun } from '@tenure/engine/reconciliation';
import type { ReconciliationRun, RunProgress, Transaction } from '@tenure/store';
import { compareRead, drawDifferent } from './compare-read.ts';
import { compareUnread, keepOthers } from './compare-unread.ts';
import type { Comparing, ConcludingDependencies, RunInProgress } from './comparing.ts';
import { endRun } from './end-run.ts';
import { findFurther } from './find-further.ts';
import { drawUnread, lookAtUnread } from './look-at-unread.ts';
import { proposeOwners } from './propose-owners.ts';

/** Milliseconds after which the rest is left to the next activity. */
const longest = 60_000;

/** Steps of a run after its accounts are read. Each is repeated until it moves the run on to the next one. */
const steps: Readonly<Record<RunProgress['step'], (comparing: Comparing, run: RunInProgress) => Promise<ReconciliationRun>>> = {
  look: lookAtUnread,
  own: proposeOwners,
  join: drawDifferent,
  'compare-read': compareRead,
  'compare-unread': compareUnread,
  'keep-others': keepOthers,
  further: findFurther,
  finish: ({ store, context, target }, run) => store.transaction(context(), (tx) => endRun(tx, run, target)),
};

/**
 * Evaluates a run, compares the accounts that it has read with Tenure's, and ends it, for about a minute at a time. Accounts that the listing lacks are
 * requested first: where the target shows one, the listing is not trusted, and nothing is concluded. The position is saved together with the findings.
 * @returns the run, whose `finishedAt` is set after the last step
 */
export async function concludeRun(dependencies: ConcludingDependencies, target: ReconciledTarget): Promise<ReconciliationRun> {
  const { alive, giveWay, time = longest } = dependencies;
  const until = performance.now() + time;
  const isDue = (): boolean => performance.now() >= until;
  let { run } = target;
  for (let comparing: Comparing | null = null; run.finishedAt === null && (comparing === null || !isDue()); ) {
    alive();
    const begun = performance.now();
    const { progress } = run;
    if (progress === null) run = await begin(dependencies, { ...target, run });
    else {
      // Evaluated anew after the looks, and by each activity: rows may have been lost meanwhile.
      if (comparing === null || comparing.isLooking !== (progress.step === 'look'))
        comparing = await comparingOf(dependencies, target, { ...run, progress }, isDue);
      const step = provesPresence(comparing.verdict) ? progress.step : 'finish';
      run = await steps[step](comparing, { ...run, progress });
    }
    await giveWay?.(3 * (performance.now() - begun));
  }
  return run;
}

/** Draws the accounts that are requested alone, if the reading is complete so far; ends a run that proves nothing. */
function begin({ store, context }: ConcludingDependencies, target: ReconciledTarget): Promise<ReconciliationRun> {
  return store.transaction(context(), async (tx) => {
    const run = await noteCanaries(tx, { ...target, run: await completed(tx, target.run) });
    const { verdict } = await evaluateRun(tx, run);
    if (!provesPresence(verdict)) return endRun(tx, run, target);
    const lookedTo = await tx.reconciliationRuns.lookedTo(run.target);
    if (provesAbsence(verdict)) await drawUnread(tx, run, lookedTo.unlistedTo ?? null);
    return tx.reconciliationRuns.advance(run, {
      step: provesAbsence(verdict) ? 'look' : 'own',
      after: null,
      looks: 0,
      ...lookedTo,
      found: 0,
      opened: 0,
      unproven: 0,
    });
  });
}

/** The run with the number of accounts that it has read once and repeatedly, after its rows were prepared for comparing. */
async function completed(tx: Transaction, run: ReconciliationRun): Promise<ReconciliationRun> {
  if ((await tx.staging.count(run.id)) === null) return run;
  const repeated = await tx.staging.complete(run.id);
  return repeated === 0 ? run : tx.reconciliationRuns.hasRepeated(run.id, repeated);
}

async function comparingOf(dependencies: ConcludingDependencies, target: ReconciledTarget, run: RunInProgress, isDue: () => boolean): Promise<Comparing> {
  const { verdict, shown } = await dependencies.store.read(async (tx) => ({
    verdict: (await evaluateRun(tx, run)).verdict,
    shown: new Set(await tx.observations.shownIn(run.target)),
  }));
  return { ...dependencies, target, scope: scopeOfRun(target, shown), verdict, isDue, isLooking: run.progress.step === 'look' };
}
