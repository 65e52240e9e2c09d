import type { TargetConnector } from '@tenure/connectors';
import { DomainError, handlingOf } from '@tenure/domain';
import { adoptFound, adoptionCandidates } from '@tenure/engine/corrections';
import type { Engine } from '@tenure/engine/decide';
import type { ActContext, ReconciliationRun, Store } from '@tenure/store';
import type { Pace } from '../batches/pace.ts';

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly connector: TargetConnector;
  readonly context: () => ActContext;
  readonly turn: Pace;
  readonly alive: () => void;
}

/** Maximum number of accounts that are looked at in one run; the others wait for a later one. */
const mostLooks = 500;

/**
 * Binds accounts of nobody that a run has shown to the people for whom `adoptBy` speaks, where their handling is to adopt them. Each is looked at again
 * by its id, since a run keeps no values. Nothing is asked where nobody waits for an account. @returns number of accounts that are somebody's now
 */
export async function adoptOrphans({ store, engine, connector, context, turn, alive }: Dependencies, run: ReconciliationRun): Promise<number> {
  const { target } = run;
  const settings = engine.configuration.targets[target];
  if (settings === undefined || run.verdict !== 'complete') return 0;
  const kinds = (['orphan-account', 'ownable-account'] as const).filter((kind) => handlingOf(settings.reconciliation?.findings, kind) === 'adopt');
  if (kinds.length === 0) return 0;
  const { candidates, orphans } = await store.read(async (tx) => ({
    candidates: await adoptionCandidates(tx, engine, target),
    orphans: await tx.findings.correctable(target, kinds, run.id, context().now),
  }));
  if (candidates.size === 0) return 0;
  let adopted = 0;
  for (const finding of orphans.slice(0, mostLooks)) {
    alive();
    await turn.next();
    const { nativeId, userName } = finding;
    if (nativeId === null) continue;
    try {
      const observed = await connector.observe({ nativeId, userName: userName ?? '' });
      if (observed === null || observed.nativeId !== nativeId) continue;
      if (await store.transaction(context(), (tx) => adoptFound(tx, engine, finding, observed, candidates))) adopted += 1;
    } catch (error) {
      // A target that does not answer, or an account that is somebody's by now: the next run shows it again.
      if (!(error instanceof DomainError) || error.code === 'DATABASE_UNAVAILABLE') throw error;
      turn.heed(error);
    }
  }
  return adopted;
}
