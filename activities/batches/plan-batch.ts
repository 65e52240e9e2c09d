import { DatabaseUnavailable, NotFound } from '@tenure/domain';
import type { ActContext, CarriedOutPerson, SettledItem, Store, Transaction, BatchRun } from '@tenure/store';
import { itemWorkOf } from '@tenure/engine/batches';
import type { Engine } from '@tenure/engine/decide';
import { wake, decideIdentities } from '@tenure/engine/decide';

/** The next part of a batch, decided: its people, and the targets in which something is to be done for them. */
export interface BatchSlice {
  /** Id of its last person; `null`: nobody was left. */
  readonly upTo: string | null;
  readonly people: number;
  readonly targets: readonly string[];
}

export interface PlanBatchInput {
  readonly waveId: string;
  readonly correlationId: string;
  /** Id of the last person of the slice before. */
  readonly after: string | null;
}

/** Number of people in a slice, which one activity of each target works through. */
const slice = 1000;
/** Number of people who are decided, and locked, in one transaction. */
const batch = 50;

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
  readonly say: (progress: number) => void;
}

/**
 * Decides a slice of a batch, unless that was done when it was opened. Leavers do not wait for the others: their lifecycle workflows are woken at
 * once.
 */
export async function planBatch(dependencies: Dependencies, { waveId, after }: PlanBatchInput): Promise<BatchSlice> {
  const { store, say } = dependencies;
  const { wave, ids } = await store.read(async (tx) => ({ wave: await tx.batchRuns.get(waveId), ids: await tx.batchRuns.members(waveId, after, slice) }));
  if (wave === null) throw new NotFound(`there is no batch change ${waveId}`, { waveId });
  // A batch that waits for approval is not touched, whatever started this run.
  if (after === null && wave.standing === 'free' && wave.finishedAt === null) await itemWorkOf(wave)?.carryOut(dependencies, wave);
  const upTo = ids.at(-1) ?? null;
  for (let from = 0; !wave.isDecided && from < ids.length; from += batch) {
    say(from);
    await decideSome(dependencies, wave, ids.slice(from, from + batch));
  }
  const targets = upTo === null ? [] : await store.read((tx) => tx.batchRuns.targetsOf({ waveId, after, upTo }));
  return { upTo, people: ids.length, targets };
}

async function decideSome({ store, engine, context }: Dependencies, batch: BatchRun, ids: readonly string[]): Promise<void> {
  const decide = (some: readonly string[]): Promise<void> => store.transaction(context(), (tx) => decideIn(tx, engine, batch, some));
  await decide(ids).catch(async (whole: unknown) => {
    // A failure of the database is no person's: the activity is retried.
    if (whole instanceof DatabaseUnavailable) throw whole;
    // A person who cannot be decided does not affect the others: their own lifecycle workflow retries, where the error is visible.
    for (const id of ids)
      await decide([id]).catch(() =>
        store.transaction(context(), async (tx) => {
          await wake(tx, id, batch.trigger);
          await tx.batchItems.fallAway([{ batchId: batch.id, key: id }], 'handed-on', tx.context.now);
        }),
      );
  });
}

async function decideIn(tx: Transaction, engine: Engine, batch: BatchRun, ids: readonly string[]): Promise<void> {
  const people: CarriedOutPerson[] = [];
  const decisions = [
    ...(await decideIdentities(
      tx,
      engine,
      ids,
      batch.trigger,
      async (changes) => void people.push(...[...changes].map(([identityId, one]) => ({ identityId, ...one }))),
    )),
  ];
  for (const [id, { stage }] of decisions) if (stage === 'leaving') await wake(tx, id, batch.trigger, true);
  await tx.batchRuns.mustWake(
    batch.id,
    decisions.filter(([, decision]) => decision.dateChanged && decision.stage !== 'leaving').map(([id]) => id),
  );
  // What is planned in a target follows from its mode, not from another desired state.
  if (batch.origin?.kind === 'switch-on') await tx.batchItems.settle(batch.id, people.map(carriedOut), tx.context.now);
  // The first policy version of all changes nothing.
  else if (batch.plan !== null) await tx.batchItems.settlePeople(batch.id, people, tx.context.now);
}

function carriedOut({ identityId }: CarriedOutPerson): SettledItem {
  return { key: identityId, identityId, result: 'carried-out', reason: null };
}
