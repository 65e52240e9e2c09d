import { DatabaseUnavailable, type ItemState, type RecordState } from '@tenure/domain';
import type { ActContext, BatchItem, BatchProblem, SettledItem, Store, StoredRecord, Transaction } from '@tenure/store';
import { unknownVanished } from './rehearse.ts';
import type { Engine } from '../decide/engine.ts';
import { refreshBatch } from './refresh-batch.ts';
import type { RecordChanges, TakenRecord } from '../intake/taken-record.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';
import { takeRecords } from '../intake/take-records.ts';

/** Records in one transaction. */
const together = 250;
/** Number of times that a record may fail before a person has to look at the rest. */
export const mostAttempts = 5;

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
  readonly say: (progress: number) => void;
}

/**
 * Takes the records of a batch that is approved, or that needed no approval, as if they had come now, and keeps the result with each of them in the
 * same transaction: a repeat continues where the previous one stopped. An error in one record does not affect the others; one that fails repeatedly
 * waits for a human decision, instead of being retried without end.
 * @throws the first failure, once all the others are through
 */
export async function carryOutRecords(dependencies: Dependencies, batchId: string): Promise<void> {
  const { store, context, say } = dependencies;
  const failures: { readonly error: unknown; readonly attempts: number }[] = [];
  let after: string | null = null;
  for (let done = 0; ; done += together) {
    say(done);
    const items: readonly BatchItem[] = await store.read((tx) => tx.batchItems.pending(batchId, after, together));
    const last = items.at(-1);
    if (last === undefined) break;
    const from = after;
    await take(dependencies, batchId, from, together).catch(async (whole: unknown) => {
      if (whole instanceof DatabaseUnavailable) throw whole;
      let before = from;
      for (const { key } of items) {
        await take(dependencies, batchId, before, 1).catch(async (error: unknown) => {
          // That is not the record's fault: it counts for nobody.
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
export async function waitAgain({ store, engine, context }: Dependencies, batchId: string, problem: BatchProblem): Promise<void> {
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

/** Takes some of the pending records. The batch is locked first: other transactions that carry it out, or decide about it, wait. */
function take({ store, engine, context }: Dependencies, batchId: string, after: string | null, limit: number): Promise<void> {
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
  const said = record === undefined || recordId === null ? null : stateOf({ ...record, id: recordId, endedOn: record.endedOn ?? null }, now);
  return { key, identityId, result: 'carried-out', reason, before: withRecord(before, known && stateOf(known, now)), after: withRecord(after, said) };
}

function withRecord(state: ItemState | null, record: RecordState | null): ItemState {
  return { ...(state ?? { state: null, grants: [], accounts: [] }), record };
}

/** State of a record; an end without an instant is now. */
function stateOf({ id, version, status, endedAt, endedOn }: Pick<StoredRecord, 'id' | 'version' | 'status' | 'endedAt' | 'endedOn'>, now: string): RecordState {
  return { id, version, status, endedAt: endedAt ?? (status === 'ended' && endedOn == null ? now : null), endedOn: endedOn ?? null };
}
