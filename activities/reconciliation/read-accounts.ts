import type { TargetConnector } from '@tenure/connectors';
import { DomainError } from '@tenure/domain';
import { type ReconciledTarget, stagePage } from '@tenure/engine/reconciliation';
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
}

/** Milliseconds after which the rest is left to the next activity: so a worker that stops loses little, and other targets have their turn. */
const longest = 60_000;

/**
 * Reads pages of a target from where its run has come to, for about a minute.
 * @returns the run, whose `readAt` is set after the last page
 * @throws ConnectorUnavailable, ConnectorRefused: the run keeps these too, until a page is read
 */
export async function readAccounts({ store, connector, context, turn, alive }: ReadingDependencies, target: ReconciledTarget): Promise<ReconciliationRun> {
  const until = performance.now() + longest;
  let { run } = target;
  while (run.readAt === null) {
    alive();
    await turn.next();
    const page = await listed(store, connector, context, target, run).catch((error: unknown) => {
      if (error instanceof DomainError) turn.heed(error);
      throw error;
    });
    const of = { ...target, run };
    run = await store.transaction(context(), (tx) => stagePage(tx, of, page));
    if (performance.now() > until) break;
  }
  return run;
}

async function listed(
  store: Store,
  connector: TargetConnector,
  context: () => ActContext,
  { managed }: ReconciledTarget,
  run: ReconciliationRun,
): ReturnType<TargetConnector['list']> {
  try {
    return await connector.list(run.nextPage ?? undefined, [...managed].sort());
  } catch (error) {
    const failure = error instanceof DomainError ? { code: error.code, reason: error.details['reason'] ?? null } : { code: 'INTERNAL', reason: null };
    await store.transaction(context(), (tx) => tx.reconciliationRuns.failed(run.id, failure));
    throw error;
  }
}
