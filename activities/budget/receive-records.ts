import type { ActContext, Store, Transaction } from '@tenure/store';
import type { Loop } from '../loop.ts';
import type { IncomingRecord, TakenRecord } from '../take-record.ts';
import { heldAnswer, holdRecords, refreshWave } from './hold-records.ts';
import { judgeRecords, OverBudget } from './judge-records.ts';

/**
 * Takes a source's records as one wave: together they are held against the change budget before anything of them is written. What is
 * over it waits for a person instead, whole. The same again joins what waits, a newer record takes the place of one that waits.
 * @param incoming records of one source
 */
export async function receiveRecords(
  { store, loop }: { readonly store: Store; readonly loop: Loop },
  context: ActContext,
  source: string,
  incoming: readonly IncomingRecord[],
): Promise<readonly TakenRecord[]> {
  const answered = new Map<IncomingRecord, TakenRecord>();
  const answer = (records: readonly IncomingRecord[], taken: readonly TakenRecord[]): void => {
    for (const [index, one] of taken.entries()) {
      const record = records[index];
      if (record !== undefined) answered.set(record, one);
    }
  };
  try {
    await store.transaction(context, async (tx) => {
      const waiting = await waitingOf(tx, source, incoming);
      const news = incoming.filter((record) => {
        const known = waiting.get(record.externalId);
        const isNew = known === undefined || isNews(record, known);
        if (!isNew) answered.set(record, answerOf(record, known));
        return isNew;
      });
      const budget = (await loop.currentPolicy(tx)).document.budget ?? {};
      answer(news, await loop.takeRecords(tx, news, (records) => judgeRecords(tx, budget, source, records)));
      await replaceWaiting(tx, loop, source, [...new Set(news.flatMap(({ externalId }) => waiting.get(externalId) ?? []))]);
    });
  } catch (error) {
    if (!(error instanceof OverBudget)) throw error;
    const { records } = error;
    const taken = await store.transaction(context, (tx) => holdRecords(tx, loop, source, records));
    answer(
      records.map((one) => one.incoming),
      taken,
    );
  }
  return incoming.flatMap((record) => answered.get(record) ?? []);
}

interface Waiting {
  readonly waveId: string;
  readonly externalId: string;
  readonly version: string;
  readonly hasVanished: boolean;
}

/** Whoever a source names again has not vanished, in the same version too. */
function isNews({ version }: IncomingRecord, known: Waiting): boolean {
  const [sent, held] = [BigInt(version), BigInt(known.version)];
  return sent > held || (sent === held && known.hasVanished);
}

async function waitingOf(tx: Transaction, source: string, incoming: readonly IncomingRecord[]): Promise<ReadonlyMap<string, Waiting>> {
  const waiting = await tx.heldWaves.waiting(
    source,
    incoming.map(({ externalId }) => externalId),
  );
  return new Map(waiting.map((one) => [one.externalId, one]));
}

function answerOf({ version }: IncomingRecord, { version: held, waveId }: Waiting): TakenRecord {
  if (BigInt(version) === BigInt(held)) return heldAnswer(null, waveId);
  return { outcome: 'stale', identityId: null, recordId: null, linkedBy: null, message: `version ${held} waits in wave ${waveId}, which is newer` };
}

/** What was said since is in force, so what waited is not asked about any more. */
async function replaceWaiting(tx: Transaction, loop: Loop, source: string, replaced: readonly Waiting[]): Promise<void> {
  if (replaced.length === 0) return;
  await tx.heldWaves.drop(
    source,
    replaced.map(({ externalId }) => externalId),
  );
  for (const id of new Set(replaced.map(({ waveId }) => waveId))) {
    const wave = await tx.heldWaves.lock(id);
    if (wave?.standing === 'held') await refreshWave(tx, loop, wave);
  }
}
