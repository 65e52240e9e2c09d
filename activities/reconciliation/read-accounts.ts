import type { AccountPage, TargetConnector } from '@tenure/connectors';
import { DomainError } from '@tenure/domain';
import { type ReconciledTarget, stagePage, stagingOf } from '@tenure/engine/reconciliation';
import type { ActContext, ReconciliationRun, Store } from '@tenure/store';
import type { Pace } from '../batches/pace.ts';

export interface ReadingDependencies {
  readonly store: Store;
  readonly connector: TargetConnector;
  readonly context: () => ActContext;
  /** Rate limit for the next page. */
  readonly turn: Pace;
  /** Sends a heartbeat to Temporal; throws when the activity was cancelled. */
  readonly alive: () => void;
  /** Lets identity lifecycles go first for so many milliseconds. Absent: nothing does. */
  readonly giveWay?: (milliseconds: number) => Promise<void>;
}

/** Milliseconds after which the rest is left to the next activity: so a worker that stops loses little, and other targets have their turn. */
const longest = 60_000;

/**
 * Reads pages of a target from where its run has come to, for about a minute.
 * @returns the run, whose `readAt` is set after the last page
 * @throws ConnectorUnavailable, ConnectorRefused: the run keeps these too, until a page is read
 */
export async function readAccounts(
  { store, connector, context, turn, alive, giveWay }: ReadingDependencies,
  target: ReconciledTarget,
): Promise<ReconciliationRun> {
  const until = performance.now() + longest;
  const ask = async (token: string | null): Promise<AccountPage> => {
    await turn.next();
    return connector.list(token ?? undefined, [...target.managed].sort());
  };
  let { run } = target;
  const staged = stagingOf(target);
  // While a page is stored, the target makes the next one.
  let next = settled(run.readAt === null ? ask(run.nextPage) : null);
  while (run.readAt === null) {
    alive();
    const page = await next;
    if (!('items' in page)) throw await failed(store, context, run, turn, page.error);
    const isDue = performance.now() > until;
    next = settled(page.next === null || isDue ? null : ask(page.next));
    const of = { ...target, run };
    const begun = performance.now();
    run = await store.transaction(context(), (tx) => stagePage(tx, of, page, staged));
    if (isDue) break;
    await giveWay?.(performance.now() - begun);
  }
  return run;
}

/** The page, or the error in its place: nobody may be waiting for it when it fails. */
async function settled(page: Promise<AccountPage> | null): Promise<AccountPage | { readonly error: unknown }> {
  try {
    return (await page) ?? { error: new Error('no page was asked for') };
  } catch (error) {
    return { error };
  }
}

/** Writes down the error that a page was answered with. */
async function failed(store: Store, context: () => ActContext, { id }: ReconciliationRun, turn: Pace, error: unknown): Promise<unknown> {
  if (error instanceof DomainError) turn.heed(error);
  const failure = error instanceof DomainError ? { code: error.code, reason: error.details['reason'] ?? null } : { code: 'INTERNAL', reason: null };
  await store.transaction(context(), (tx) => tx.reconciliationRuns.failed(id, failure));
  return error;
}
