import type { BatchItem, SettledItem, StoredRecord, Transaction } from '@tenure/store';
import { type CarryOutDependencies, carryOutItems } from './carry-out-items.ts';
import { sentState, withRecord } from './record-state.ts';
import { unknownVanished } from './rehearse.ts';
import type { RecordChanges, TakenRecord } from '../intake/taken-record.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';
import { takeRecords } from '../intake/take-records.ts';

/** Takes the pending records of a batch as if they had come now. @throws the first failure, once all the others are through */
export function carryOutRecords(dependencies: CarryOutDependencies, batchId: string): Promise<void> {
  return carryOutItems(dependencies, batchId, take);
}

/** Takes some of the pending records. The batch is locked first: other transactions that carry it out, or decide about it, wait. */
function take({ store, engine, context }: CarryOutDependencies, batchId: string, after: string | null, limit: number): Promise<void> {
  return store.transaction(context(), async (tx) => {
    if ((await tx.batchRuns.lock(batchId))?.standing !== 'free') return;
    const pending = await tx.batchItems.pending(batchId, after, limit);
    const known = new Map((await tx.records.lock(pending.map(recordOf))).map((record) => [record.externalId, record]));
    const pointless = await withdraw(tx, batchId, pending, known);
    const items = pending.filter((item) => !pointless.has(item));
    const incoming = items.map(recordOf);
    let decided: readonly RecordChanges[] = [];
    const taken = await takeRecords(tx, engine, incoming, async (found) => void (decided = found));
    const changes = new Map(decided.map((one) => [one.incoming.externalId, one]));
    const settled = items.flatMap(({ key }, index): SettledItem[] => {
      const one = taken[index];
      return one === undefined ? [] : [settledItem(tx, key, one, known.get(key) ?? null, incoming[index], changes.get(key))];
    });
    await tx.batchItems.settle(batchId, settled, tx.context.now);
  });
}

/** Withdraws the records for which nothing is to be done any more. @returns them, with their result */
async function withdraw(
  tx: Transaction,
  batchId: string,
  pending: readonly BatchItem[],
  known: ReadonlyMap<string, StoredRecord>,
): Promise<ReadonlySet<BatchItem>> {
  const unknown = new Set([...(await unknownVanished(tx, pending.map(recordOf)))].map(({ externalId }) => externalId));
  const nobody = pending.filter(({ key, hasVanished }) => hasVanished && unknown.has(key));
  // A person whom the last import did not name has vanished in the same version: that record was sent earlier.
  const older = pending.filter(({ key, version, hasVanished, addedAt }) => {
    const { version: inForce, vanishedAt = null } = known.get(key) ?? {};
    return !hasVanished && vanishedAt !== null && inForce === version && addedAt < vanishedAt;
  });
  const items = (some: readonly BatchItem[]) => some.map(({ key }) => ({ batchId, key }));
  await tx.batchItems.fallAway(items(nobody), 'no-change', tx.context.now);
  await tx.batchItems.fallAway(items(older), 'superseded', tx.context.now);
  return new Set([...nobody, ...older]);
}

function recordOf({ record }: BatchItem): IncomingRecord {
  return record as unknown as IncomingRecord;
}

const fellAway: Readonly<Partial<Record<TakenRecord['outcome'], SettledItem['reason']>>> = {
  unchanged: 'in-force',
  stale: 'superseded',
  refused: 'refused',
  conflict: 'conflict',
};

function settledItem(
  { context: { now } }: Transaction,
  key: string,
  { outcome, identityId, recordId }: TakenRecord,
  known: StoredRecord | null,
  record: IncomingRecord | undefined,
  decided: RecordChanges | undefined,
): SettledItem {
  const reason = fellAway[outcome] ?? null;
  if (reason !== null) return { key, identityId, result: 'fell-away', reason };
  const { before = null, after = null } = decided ?? {};
  const said = record === undefined || recordId === null ? null : sentState({ ...record, id: recordId, endedOn: record.endedOn ?? null }, now);
  return { key, identityId, result: 'carried-out', reason, before: withRecord(before, known && sentState(known, now)), after: withRecord(after, said) };
}
