import type { ActContext, PendingRecord, Store } from '@tenure/store';
import { supersede } from '../batches/supersede.ts';
import { conflictOf, contradicts, auditConflict } from './known-record.ts';
import type { Engine } from '../decide/engine.ts';
import { waitingAnswer, submitRecords } from '../batches/submit-records.ts';
import { checkRecords, OverBudget } from '../batches/check-records.ts';
import type { TakenRecord } from './taken-record.ts';
import type { IncomingRecord } from './incoming-record.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { takeRecords } from './take-records.ts';

/**
 * Takes a source's records as one batch: together they are checked against the change budget before any of them is written. Over the budget, those
 * that change something wait for approval as a whole; those that change nothing are taken. The same record again joins the one that waits, a newer
 * one replaces it.
 * @param incoming records of one source
 */
export async function receiveRecords(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
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
      const pending = await tx.batchItems.pendingRecords(
        source,
        incoming.map(({ externalId }) => externalId),
      );
      const waiting = new Map(pending.filter(({ isApproved }) => !isApproved).map((one) => [one.key, one]));
      const news = incoming.filter((record) => {
        const known = waiting.get(record.externalId);
        const isNew = known === undefined || isNews(record, known);
        if (!isNew) answered.set(record, answerOf(record, known));
        return isNew;
      });
      for (const record of incoming) {
        const known = answered.get(record);
        if (known?.outcome === 'conflict') await auditConflict(tx, record, known);
      }
      const budget = (await currentPolicy(tx, engine)).document.budget ?? {};
      answer(news, await takeRecords(tx, engine, news, (records) => checkRecords(tx, budget, source, records)));
      // A record that was refused, or is a mistake, is in force nowhere: it replaces nothing.
      const inForce = news.filter((record) => !nowhere.includes(answered.get(record)?.outcome));
      await supersede(tx, engine, pending, inForce);
    });
  } catch (error) {
    if (!(error instanceof OverBudget)) throw error;
    const held = error.records.filter(({ taken }) => waitingOutcomes.includes(taken.outcome));
    const heldRecords = held.map(({ incoming: record }) => record);
    answer(heldRecords, await store.transaction(context, (tx) => submitRecords(tx, engine, source, held)));
    // Their transaction was rolled back with the others: a newer version without new content has to be stored, a conflict audited.
    const others = incoming.filter((record) => !heldRecords.includes(record));
    if (others.length > 0) answer(others, await receiveRecords({ store, engine }, context, source, others));
  }
  return incoming.flatMap((record) => answered.get(record) ?? []);
}

/** True if a record is news for one that is pending; a person whom a source names again has not vanished, in the same version too. */
function isNews({ version }: IncomingRecord, known: PendingRecord): boolean {
  const [sent, held] = [BigInt(version), BigInt(known.version)];
  return sent > held || (sent === held && known.hasVanished);
}

/** Outcomes of records that change something: over the budget, these wait for approval. */
const waitingOutcomes: readonly TakenRecord['outcome'][] = ['created', 'updated', 'ambiguous'];

const nowhere: readonly (TakenRecord['outcome'] | undefined)[] = ['refused', 'conflict'];

function answerOf(record: IncomingRecord, { version: held, batchId, record: kept }: PendingRecord): TakenRecord {
  const answer = { identityId: null, recordId: null, linkedBy: null };
  if (kept !== null && contradicts(record, kept as unknown as IncomingRecord)) return { ...answer, ...conflictOf(record) };
  if (BigInt(record.version) === BigInt(held)) return waitingAnswer(null, batchId);
  return { ...answer, outcome: 'stale', message: `version ${held}, which is newer, waits for approval in a batch change` };
}
