import { NotFound } from '@tenure/domain';
import type { ActContext, Store } from '@tenure/store';
import { takeReleased } from '../budget/take-released.ts';
import { judgeImport } from '../imports/judge-import.ts';
import type { Loop } from '../loop.ts';
import { wake } from '../take-record.ts';

/** The next part of a wave, decided: who is in it, and where something is to be done for them. */
export interface WaveSlice {
  /** Id of its last person; `null`: there was nobody left. */
  readonly upTo: string | null;
  readonly people: number;
  readonly targets: readonly string[];
}

export interface PlanWaveInput {
  readonly waveId: string;
  readonly correlationId: string;
  /** Id of the last person of the slice before. */
  readonly after: string | null;
}

/** People in a slice: what one activity of each target works through. */
const slice = 1000;
/** People who are decided in one transaction, and held by it. */
const batch = 50;

/** Decides a slice of a wave, unless that was done when it was opened. Leavers do not wait for the others: their lives are woken at once. */
export async function planWave(
  { store, loop, context, say }: { readonly store: Store; readonly loop: Loop; readonly context: () => ActContext; readonly say: (progress: number) => void },
  { waveId, after }: PlanWaveInput,
): Promise<WaveSlice> {
  const { wave, ids } = await store.read(async (tx) => ({ wave: await tx.waves.get(waveId), ids: await tx.waves.members(waveId, after, slice) }));
  if (wave === null) throw new NotFound(`there is no wave ${waveId}`, { waveId });
  if (wave.source !== null && after === null) {
    const { source } = wave;
    const goesOn = wave.plan !== null || (await judgeImport({ store, loop, context, say }, { ...wave, source }));
    if (goesOn) await takeReleased({ store, loop, context, say }, waveId);
  }
  const upTo = ids.at(-1) ?? null;
  for (let from = 0; !wave.isDecided && from < ids.length; from += batch) {
    say(from);
    await store.transaction(context(), async (tx) => {
      const decisions = [...(await loop.decideMany(tx, ids.slice(from, from + batch), wave.trigger))];
      for (const [id, { stage }] of decisions) if (stage === 'leaving') await wake(tx, id, wave.trigger, true);
      await tx.waves.mustWake(
        waveId,
        decisions.filter(([, decision]) => decision.dateChanged && decision.stage !== 'leaving').map(([id]) => id),
      );
    });
  }
  const targets = upTo === null ? [] : await store.read((tx) => tx.waves.targetsOf({ waveId, after, upTo }));
  return { upTo, people: ids.length, targets };
}
