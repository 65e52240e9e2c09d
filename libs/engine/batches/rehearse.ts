import { DatabaseUnavailable } from '@tenure/domain';
import type { ActContext, BatchItem, Store, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import type { RecordChanges, TakenRecord } from '../intake/taken-record.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';
import { takeRecords } from '../intake/take-records.ts';

/** Records that are tried in one transaction. */
export const rehearsedTogether = 250;

/** Carries results out of a transaction, which is rolled back by it. */
class Rehearsed extends Error {
  readonly records: readonly RecordChanges[];
  constructor(records: readonly RecordChanges[]) {
    super('tried, and undone');
    this.records = records;
  }
}

/** Simulates taking records: the code that takes them runs, and its transaction is rolled back. Returns the changes of each record. */
export async function rehearse(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  records: readonly BatchItem[],
): Promise<readonly RecordChanges[]> {
  return tryRecords(
    { store, engine },
    context,
    records.map(({ record }) => record as unknown as IncomingRecord),
  );
}

/** True if a record can be taken at all. Nothing of it is kept. */
export async function wouldBeTaken(
  dependencies: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  record: IncomingRecord,
): Promise<boolean> {
  return tryRecords(dependencies, context, [record]).then(
    () => true,
    (error: unknown) => {
      // A failure of the database is not the record's fault.
      if (error instanceof DatabaseUnavailable) throw error;
      return false;
    },
  );
}

async function tryRecords(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  incoming: readonly IncomingRecord[],
): Promise<readonly RecordChanges[]> {
  try {
    await store.transaction(context, async (tx) => {
      const unknown = await unknownVanished(tx, incoming);
      const known = incoming.filter((record) => !unknown.has(record));
      const nothing = [...unknown].map((record): RecordChanges => ({ incoming: record, taken: nobody, changes: [], before: null, after: null }));
      const taken = await takeRecords(tx, engine, known, (found) => Promise.reject(new Rehearsed([...found, ...nothing])));
      const unchanged = taken.flatMap((one, index): RecordChanges[] => {
        const record = known[index];
        return record === undefined ? [] : [{ incoming: record, taken: one, changes: [], before: null, after: null }];
      });
      throw new Rehearsed([...unchanged, ...nothing]);
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.records;
    throw error;
  }
  return [];
}

/**
 * Ends of people who are missing from an import, and of whom nothing is in force: an earlier record is pending, and this replaces it. There is nobody
 * to end, and nobody is to be created for it.
 */
export async function unknownVanished(tx: Transaction, incoming: readonly IncomingRecord[]): Promise<ReadonlySet<IncomingRecord>> {
  const vanished = incoming.filter(({ hasVanished }) => hasVanished === true);
  if (vanished.length === 0) return new Set();
  const known = new Set((await tx.records.lock(vanished)).filter(({ identityId }) => identityId !== null).map(({ externalId }) => externalId));
  return new Set(vanished.filter(({ externalId }) => !known.has(externalId)));
}

const nobody: TakenRecord = { outcome: 'unchanged', identityId: null, recordId: null, linkedBy: null, message: 'there is nobody to end' };
