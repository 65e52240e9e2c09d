import { type BatchProblem, DatabaseUnavailable } from '@tenure/domain';
import type { ActContext, BatchItem, Store } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { refreshBatch } from './refresh-batch.ts';

/** Items in one transaction. */
const together = 250;
/** Number of times that an item may fail before a person has to look at the rest. */
export const mostAttempts = 5;

export interface CarryOutDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
  readonly say: (progress: number) => void;
}

/** Carries out the first pending items after a key, in one transaction, and settles them. */
export type CarryOutSome = (dependencies: CarryOutDependencies, batchId: string, after: string | null, limit: number) => Promise<void>;

/**
 * Carries out the items of a batch that is approved, or that needed no approval, and keeps the result with each of them in the same transaction: a
 * repeat continues where the previous one stopped. An error in one item does not affect the others; one that fails repeatedly waits for a human
 * decision, instead of being retried without end.
 * @throws the first failure, once all the others are through
 */
export async function carryOutItems(dependencies: CarryOutDependencies, batchId: string, some: CarryOutSome): Promise<void> {
  const { store, context, say } = dependencies;
  const failures: { readonly error: unknown; readonly attempts: number }[] = [];
  let after: string | null = null;
  for (let done = 0; ; done += together) {
    say(done);
    const items: readonly BatchItem[] = await store.read((tx) => tx.batchItems.pending(batchId, after, together));
    const last = items.at(-1);
    if (last === undefined) break;
    const from = after;
    await some(dependencies, batchId, from, together).catch(async (whole: unknown) => {
      if (whole instanceof DatabaseUnavailable) throw whole;
      let before = from;
      for (const { key } of items) {
        await some(dependencies, batchId, before, 1).catch(async (error: unknown) => {
          // That is not the item's fault: it counts for nobody.
          if (error instanceof DatabaseUnavailable) throw error;
          const attempts = await store.transaction(context(), (tx) => tx.batchItems.failed(batchId, key));
          failures.push({ error, attempts });
        });
        before = key;
      }
    });
    after = last.key;
  }
  const [first] = failures;
  if (first === undefined) return;
  if (failures.some(({ attempts }) => attempts < mostAttempts)) throw first.error;
  await waitAgain(dependencies, batchId, 'not-taken');
}

/** Returns the rest of an approved batch to waiting for approval, with the problem as its reason: it cannot be carried out as it is. */
export async function waitAgain({ store, engine, context }: Omit<CarryOutDependencies, 'say'>, batchId: string, problem: BatchProblem): Promise<void> {
  await store.transaction(context(), async (tx) => {
    const batch = await tx.batchRuns.lock(batchId);
    if (batch === null || batch.standing !== 'free' || batch.finishedAt !== null) return;
    await tx.batchChanges.waitAgain(batchId, problem);
    const reason = { source: batch.source, problem };
    tx.audit.record({ action: 'batch.notCarriedOut', subjectKind: 'wave', subjectId: batchId, identityId: null, reason });
    const held = await tx.batchChanges.get(batchId);
    if (held !== null) await refreshBatch(tx, engine, held, false);
  });
}
