import { concludeFindings, type Difference, differencesOf, type DifferenceScope, type JoinedAccount, provesAbsence, provesPresence } from '@tenure/domain';
import type { Engine } from '@tenure/engine/decide';
import { evaluateRun, finishRun, joinedIn, noteCanaries, type ReconciledTarget, scopeOfRun, stagedIn } from '@tenure/engine/reconciliation';
import type { ActContext, JoinedRow, ReconciliationRun, Store } from '@tenure/store';
import { findFurther } from './find-further.ts';
import { proposeOwners } from './propose-owners.ts';
import { type KnownRow, type Look, type LookDependencies, lookAtAccount } from './look-at-account.ts';

export interface ConcludingDependencies extends LookDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
}

/** Maximum number of accounts that are requested individually in one run; more wait for a later one. */
const mostLooks = 500;
/** Maximum number of accounts that the listing lacks and that are kept apart; with more, nothing is closed. */
const mostUnread = 5000;
/** Number of rows that are compared, and saved, together. */
const chunk = 500;

interface Counts {
  found: number;
  opened: number;
  unproven: number;
}

/**
 * Evaluates a run, compares the accounts that it has read with Tenure's, and ends it. Accounts that the listing lacks are requested first, those
 * confirmed last before the others: where the target shows one, the listing is not trusted, and nothing is concluded. A repeat has the same result.
 */
export async function concludeRun(dependencies: ConcludingDependencies, read: ReconciledTarget): Promise<ReconciliationRun> {
  const { store, context } = dependencies;
  const { run } = read;
  if (run.finishedAt !== null) return run;
  const first = await store.transaction(context(), async (tx) => {
    if ((await tx.staging.count(run.id)) !== null) await tx.staging.analyze(run.id);
    return evaluateRun(tx, run, { hidden: 0, unanswered: 0, unlisted: await noteCanaries(tx, read) });
  });
  const target = { ...read, owners: await proposeOwners(dependencies, read, first.verdict) };
  const unread = provesAbsence(first.verdict) ? await store.read((tx) => tx.staging.unreadAccounts(run.id, run.target, mostUnread)) : [];
  const looks = await lookAtUnread(dependencies, target, unread);
  const evaluated = await store.transaction(context(), async (tx) => {
    const { hidden, unanswered } = canariesOf(looks, run);
    return evaluateRun(tx, run, { hidden: hidden.length, unanswered, unlisted: await noteCanaries(tx, target, hidden) });
  });
  const counts: Counts = { found: 0, opened: 0, unproven: 0 };
  if (provesPresence(evaluated.verdict)) {
    const scope = scopeOfRun(target, await shownIn(store, run.target));
    const comparing = { ...dependencies, target, scope, counts, left: mostLooks, mayLook: provesAbsence(evaluated.verdict), verdict: evaluated.verdict };
    await compareRead(comparing);
    if (provesAbsence(evaluated.verdict)) await compareUnread(comparing, looks, unread);
    await findFurther(dependencies, target, evaluated.verdict, (differences) => save(comparing, differences, []));
  }
  const mayClose = unread.length < mostUnread;
  return store.transaction(context(), (tx) => finishRun(tx, run, evaluated, counts, mayClose));
}

interface Looked {
  readonly row: JoinedRow & { readonly account: KnownRow };
  readonly look: Look;
}

async function lookAtUnread(dependencies: ConcludingDependencies, target: ReconciledTarget, unread: readonly JoinedRow[]): Promise<readonly Looked[]> {
  const looked: Looked[] = [];
  for (const row of unread) {
    if (looked.length >= mostLooks) break;
    const { account } = row;
    if (account === null || isSettling(target, row, dependencies.context().now)) continue;
    looked.push({ row: { ...row, account }, look: await lookAtAccount(dependencies, account) });
  }
  return looked;
}

/**
 * Returns the ids of the accounts that were hidden from the listing: those confirmed before the reading began had to be in it; one that lies elsewhere did not.
 */
function canariesOf(looks: readonly Looked[], { startedAt }: ReconciliationRun): { readonly hidden: readonly string[]; readonly unanswered: number } {
  const had = looks.filter(({ row: { account } }) => account.confirmedAt !== null && startedAt !== null && account.confirmedAt < startedAt);
  const hidden = had.filter(({ look }) => look.kind === 'there' && look.observed.isElsewhere !== true).map(({ row }) => row.account.id);
  return { hidden, unanswered: had.filter(({ look }) => look.kind === 'unanswered').length };
}

interface Comparing extends ConcludingDependencies {
  readonly target: ReconciledTarget;
  readonly scope: DifferenceScope;
  readonly counts: Counts;
  readonly verdict: Parameters<typeof concludeFindings>[0];
  readonly mayLook: boolean;
  /** Number of accounts that may still be requested. */
  left: number;
}

async function compareRead(comparing: Comparing): Promise<void> {
  const { store, target, scope, context, alive } = comparing;
  for (let after: string | null = null; ; ) {
    alive();
    const rows: readonly JoinedRow[] = await store.read((tx) => tx.staging.readAccounts(target.run.id, target.run.target, after, chunk));
    const differences: Difference[] = [];
    const settling: string[] = [];
    for (const row of rows) {
      const joined = joinedIn(target, row, context().now);
      if (joined.known?.isSettling === true) settling.push(joined.known.id);
      const seen = differencesOf(joined, scope);
      differences.push(...(seen.some(({ isProven }) => !isProven) ? await lookedInto(comparing, row, joined, seen) : seen));
    }
    await save(comparing, differences, settling);
    after = rows.at(-1)?.staged?.nativeId ?? null;
    if (rows.length < chunk) return;
  }
}

/** Requests again an account with differences that follow from its absence in the listing. @param seen differences by the listing alone */
async function lookedInto(comparing: Comparing, row: JoinedRow, joined: JoinedAccount, seen: readonly Difference[]): Promise<readonly Difference[]> {
  if (!comparing.mayLook || comparing.left === 0 || row.account === null) return seen;
  comparing.left -= 1;
  const look = await lookAtAccount(comparing, row.account);
  // Gone since it was listed: the next run sees that.
  if (look.kind !== 'there') return seen;
  return differencesOf({ ...joined, staged: stagedIn(comparing.target, look.observed), look: { memberships: look.observed.memberships } }, comparing.scope);
}

async function compareUnread(comparing: Comparing, looks: readonly Looked[], unread: readonly JoinedRow[]): Promise<void> {
  const { target, scope, context } = comparing;
  const differences = looks.flatMap(({ row, look }) => {
    const joined = joinedIn(target, row, context().now);
    if (look.kind === 'there')
      return differencesOf({ ...joined, staged: stagedIn(target, look.observed), look: { memberships: look.observed.memberships } }, scope);
    return differencesOf(look.kind === 'gone' ? { ...joined, look: { memberships: [] } } : joined, scope);
  });
  const ids = new Set(looks.map(({ row }) => row.account.id));
  const others = unread.flatMap(({ account }) => (account === null || ids.has(account.id) ? [] : account.id));
  await save(comparing, differences, others);
  comparing.counts.unproven += others.length;
}

async function save({ store, target, context, verdict, counts }: Comparing, differences: readonly Difference[], unsettled: readonly string[]): Promise<void> {
  const { run } = target;
  const { found, unproven } = concludeFindings(verdict, differences);
  const opened = await store.transaction(context(), async (tx) => {
    const fresh = await tx.findings.see(run.target, run.id, found, tx.context.now);
    await tx.findings.keep(run.target, run.id, unsettled, unproven);
    return fresh;
  });
  counts.found += found.length;
  counts.unproven += unproven.length;
  counts.opened += opened;
}

function isSettling(target: ReconciledTarget, row: JoinedRow, now: string): boolean {
  return joinedIn(target, row, now).known?.isSettling === true;
}

async function shownIn(store: Store, target: string): Promise<ReadonlySet<string>> {
  return new Set(await store.read((tx) => tx.observations.shownIn(target)));
}
