import { differencesOf, type JoinedAccount } from '@tenure/domain';
import { joinedIn } from '@tenure/engine/reconciliation';
import type { AnsweredLook, ReconciliationRun } from '@tenure/store';
import { chunkSize, type Comparing, type RunInProgress } from './comparing.ts';
import { saveChunk } from './save-chunk.ts';

/** Number of accounts without an answer whose findings are kept together. */
const othersSize = 5000;

/** Compares the next chunk of the accounts that the listing lacks and that were requested alone. */
export async function compareUnread(comparing: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  const { store, target, scope, context } = comparing;
  const rows = await store.read((tx) => tx.looks.answered(run.id, Number(run.progress.after ?? 0), chunkSize));
  const compared = rows.map((row) => {
    const unread = { staged: null, account: row.account, marked: null };
    const joined = lookedAt(row, joinedIn(target, unread, context().now));
    return { row: unread, joined, differences: differencesOf(joined, scope) };
  });
  const isLast = rows.length < chunkSize;
  const after = isLast ? null : String(rows.at(-1)?.position);
  return saveChunk(comparing, run, compared, { step: isLast ? 'keep-others' : 'compare-unread', after, looks: run.progress.looks });
}

function lookedAt({ look: { kind, staged, memberships } }: AnsweredLook, joined: JoinedAccount): JoinedAccount {
  if (kind === 'there') return { ...joined, staged, look: { memberships } };
  return kind === 'gone' ? { ...joined, look: { memberships: [] } } : joined;
}

/** Keeps the findings of accounts that the listing lacks and that were not requested: of them the run says nothing, and a later one asks. */
export async function keepOthers({ store, context }: Comparing, run: RunInProgress): Promise<ReconciliationRun> {
  const { progress } = run;
  return store.transaction(context(), async (tx) => {
    const ids = await tx.looks.others(run.id, run.target, progress.after, othersSize);
    await tx.findings.keep(run.target, run.id, ids, []);
    await tx.unprovenAccounts.add(run.id, ids);
    const isLast = ids.length < othersSize;
    const unproven = progress.unproven + ids.length;
    return tx.reconciliationRuns.advance(run, { ...progress, unproven, step: isLast ? 'further' : 'keep-others', after: isLast ? null : (ids.at(-1) ?? null) });
  });
}
