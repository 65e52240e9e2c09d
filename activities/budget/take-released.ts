import type { ActContext, Store } from '@tenure/store';
import type { Loop } from '../loop.ts';
import type { IncomingRecord } from '../take-record.ts';

/** Records in one transaction. */
const together = 250;

/**
 * Takes what was released of a held wave, as if it had come now. What is taken is gone from the wave in the same transaction, so a
 * repeat goes on where the one before it stopped. What is wrong with one record keeps none of the others.
 * @throws the first failure, once all the others are through
 */
export async function takeReleased(
  { store, loop, context, say }: { readonly store: Store; readonly loop: Loop; readonly context: () => ActContext; readonly say: (progress: number) => void },
  waveId: string,
): Promise<void> {
  const failures: unknown[] = [];
  let after: string | null = null;
  for (let done = 0; ; done += together) {
    say(done);
    const records = await store.read((tx) => tx.heldWaves.records(waveId, after, together));
    const last = records.at(-1);
    if (last === undefined) break;
    const take = (some: typeof records): Promise<void> =>
      store.transaction(context(), async (tx) => {
        await loop.takeRecords(
          tx,
          some.map(({ record }) => record as unknown as IncomingRecord),
        );
        await tx.heldWaves.taken(
          waveId,
          some.map(({ externalId }) => externalId),
        );
      });
    await take(records).catch(async () => {
      for (const record of records) await take([record]).catch((error: unknown) => failures.push(error));
    });
    after = last.externalId;
  }
  if (failures.length > 0) throw failures[0];
}
