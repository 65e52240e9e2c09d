import type { ActContext, BatchChange, Store } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import type { Engine } from '../decide/engine.ts';
import { approveBatch } from './approve-batch.ts';
import type { ApprovedBatch, BatchRelease } from './batch-decision.ts';
import { settleFindings } from '../corrections/settle-findings.ts';
import { discardBatch } from './discard-batch.ts';
import { mustDecideBatch } from './must-decide-batch.ts';
import { mustBeSecondPerson, mustNotKeepOwn } from './undo/second-person.ts';

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly caller: Caller;
}

/** A batch change, for those who may read everything or decide about it; `null`: there is none. @throws Forbidden */
export async function readBatchAs({ store, engine, caller }: Dependencies, context: ActContext, id: string): Promise<BatchChange | null> {
  await store.transaction(context, (tx) => mustDecideBatch(tx, engine, caller, id, ['admin', 'operator', 'auditor']));
  return store.read((tx) => tx.batchChanges.get(id));
}

/** Approves a batch change, all or part, for this caller. @throws Forbidden, BatchPlanChanged, CaseClosed */
export async function approveBatchAs({ store, engine, caller }: Dependencies, context: ActContext, id: string, release: BatchRelease): Promise<ApprovedBatch> {
  await store.transaction(context, async (tx) => {
    await mustDecideBatch(tx, engine, caller, id);
    await mustNotKeepOwn(tx, caller, id, release.part);
    await mustBeSecondPerson(tx, engine, caller, id, release.part);
  });
  return approveBatch({ store, engine }, context, id, release);
}

/** Discards the waiting items of a batch change, for this caller. @throws Forbidden, CaseClosed */
export async function discardBatchAs({ store, engine, caller }: Dependencies, context: ActContext, id: string, reason: string): Promise<BatchChange> {
  await store.transaction(context, (tx) => mustDecideBatch(tx, engine, caller, id));
  const discarded = await discardBatch({ store }, context, id, reason);
  const { origin } = discarded;
  if (origin?.kind === 'corrections') await store.transaction(context, (tx) => settleFindings(tx, engine, origin.target));
  return discarded;
}
