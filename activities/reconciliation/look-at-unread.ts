import { joinedIn, stagedIn } from '@tenure/engine/reconciliation';
import type { ReconciliationRun, StoredLook, Transaction } from '@tenure/store';
import { type Comparing, mostLooks, mostUnanswered, type RunInProgress } from './comparing.ts';
import { type KnownRow, lookAtAccount } from './look-at-account.ts';

/** Number of accounts that are requested between two positions. */
const pageSize = 20;

/** Number of accounts confirmed last, with which each run begins: where the target shows one, the listing is not trusted. */
const canaryLooks = 250;

/** Draws the accounts that the listing lacks and that are requested alone: those confirmed last, then the others, from where the run before ended. */
export async function drawUnread(tx: Transaction, run: ReconciliationRun, after: string | null): Promise<void> {
  await tx.looks.draw(run.id, run.target, { canaries: canaryLooks, others: mostLooks - canaryLooks }, after);
}

/** Requests the next accounts that the listing lacks, until there are none, or it is clear that nothing follows from their absence. */
export async function lookAtUnread(comparing: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  const { store, context, isDue } = comparing;
  const { rows, canaries } = await store.read(async (tx) => ({
    rows: await tx.looks.waiting(run.id, pageSize),
    canaries: await tx.looks.canaries(run.id),
  }));
  if (rows.length === 0 || canaries.hidden > 0 || canaries.unanswered >= mostUnanswered)
    return store.transaction(context(), async (tx) => {
      const unlistedTo = (await tx.looks.lastOther(run.id, canaryLooks)) ?? run.progress.unlistedTo ?? null;
      return tx.reconciliationRuns.advance(run, { ...run.progress, step: 'own', unlistedTo });
    });
  for (const account of rows) {
    const look = await lookOf(comparing, account);
    await store.transaction(context(), (tx) => tx.looks.answer(run.id, account.id, look));
    if (isDue()) break;
  }
  return run;
}

async function lookOf(comparing: Comparing, account: KnownRow): Promise<StoredLook> {
  const { target, context } = comparing;
  const nothing = { isCanary: false, staged: null, memberships: [] };
  if (joinedIn(target, { staged: null, account, marked: null }, context().now).known?.isSettling === true) return { ...nothing, kind: 'settling' };
  const look = await lookAtAccount(comparing, account);
  // It was there before the run began, whether or not the target shows all of what is desired.
  const since = account.confirmedAt ?? account.seenAt;
  const isCanary = since !== null && since < (target.run.startedAt ?? '');
  if (look.kind !== 'there') return { ...nothing, kind: look.kind, isCanary };
  const { observed } = look;
  return { kind: 'there', isCanary: isCanary && observed.isElsewhere !== true, staged: stagedIn(target, observed), memberships: observed.memberships };
}
