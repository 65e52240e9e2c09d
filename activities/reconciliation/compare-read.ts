import { differencesOf, provesAbsence } from '@tenure/domain';
import { joinedIn, ownersIn, stagedIn } from '@tenure/engine/reconciliation';
import type { JoinedRow, ReconciliationRun } from '@tenure/store';
import { chunkSize, type Comparing, mostLooks, mostUnanswered, type RunInProgress } from './comparing.ts';
import { lookAtAccount } from './look-at-account.ts';
import { type ComparedAccount, saveChunk } from './save-chunk.ts';

/** Finds the accounts that have to be compared, by one join: the others are as an earlier run has found them, and as desired. */
export async function drawDifferent({ store, context }: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  return store.transaction(context(), async (tx) => {
    await tx.reconciledAccounts.drawDifferent(run.id, run.target, run.startedAt ?? tx.context.now, tx.context.now);
    return tx.reconciliationRuns.advance(run, { ...run.progress, step: 'compare-read' });
  });
}

/** Compares the next chunk of the accounts that were read and have to be compared. What rests on something that the listing did not show is requested once more. */
export async function compareRead(comparing: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  const { store, target, scope, verdict, context, isDue, looks: most = mostLooks } = comparing;
  const { progress } = run;
  const { rows, owners } = await store.read(async (tx) => {
    const read = await tx.staging.readAccounts(run.id, run.target, progress.after, chunkSize);
    return { rows: read, owners: await ownersIn(tx, run, read) };
  });
  const compared: ComparedAccount[] = [];
  let { looks, lastLooked } = progress;
  const from = progress.listedTo ?? null;
  let unanswered = 0;
  for (const row of rows) {
    const joined = joinedIn({ ...target, owners }, row, context().now);
    const seen: ComparedAccount = { row, joined, differences: differencesOf(joined, scope) };
    // Those before were requested by the run before: so each has its turn, however many there are.
    const isNext = from === null || (joined.staged?.nativeId ?? '') > from;
    const isLooked = provesAbsence(verdict) && isNext && looks < most && row.account !== null && seen.differences.some(({ isProven }) => !isProven);
    const looked = isLooked ? await lookedInto(comparing, row, seen) : seen;
    if (isLooked) {
      looks += 1;
      lastLooked = joined.staged?.nativeId ?? lastLooked;
      unanswered = looked === 'unanswered' ? unanswered + 1 : 0;
      if (unanswered >= mostUnanswered) looks = most;
    }
    compared.push(looked === 'unanswered' ? seen : looked);
    if (isLooked && isDue()) break;
  }
  const isLast = compared.length === rows.length && rows.length < chunkSize;
  const looked = lastLooked === undefined ? {} : { lastLooked };
  if (!isLast) return saveChunk(comparing, run, compared, { step: 'compare-read', after: compared.at(-1)?.joined.staged?.nativeId ?? null, looks, ...looked });
  const listedTo = provesAbsence(verdict) ? (looks >= most ? (lastLooked ?? null) : null) : from;
  return saveChunk(comparing, run, compared, { step: provesAbsence(verdict) ? 'compare-unread' : 'further', after: null, looks, listedTo, ...looked });
}

/** Requests again an account with differences that follow from its absence in the listing. @param seen differences by the listing alone */
async function lookedInto(comparing: Comparing, { account }: JoinedRow, seen: ComparedAccount): Promise<ComparedAccount | 'unanswered'> {
  if (account === null) return seen;
  const look = await lookAtAccount(comparing, account);
  if (look.kind === 'unanswered') return look.kind;
  // Gone since it was listed: the next run sees that.
  if (look.kind !== 'there') return seen;
  const joined = { ...seen.joined, staged: stagedIn(comparing.target, look.observed), look: { memberships: look.observed.memberships } };
  return { row: seen.row, joined, differences: differencesOf(joined, comparing.scope) };
}
