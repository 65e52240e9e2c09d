import type { ActContext, BatchItem, Store } from '@tenure/store';
import type { Loop } from '../loop.ts';
import type { IncomingRecord, RecordChanges } from '../take-record.ts';

/** Records that are tried in one transaction. */
export const rehearsedTogether = 250;

/** Carries what was learned out of a transaction, which is undone by it. */
class Rehearsed extends Error {
  readonly records: readonly RecordChanges[];
  constructor(records: readonly RecordChanges[]) {
    super('tried, and undone');
    this.records = records;
  }
}

/** What records would change if they were taken now, in their order: asked by the very code that takes them, then undone. */
export async function rehearse(
  { store, loop }: { readonly store: Store; readonly loop: Loop },
  context: ActContext,
  records: readonly BatchItem[],
): Promise<readonly RecordChanges[]> {
  return tryRecords(
    { store, loop },
    context,
    records.map(({ record }) => record as unknown as IncomingRecord),
  );
}

/** Whether a record can be taken at all. Nothing of it is kept. */
export async function wouldBeTaken(
  dependencies: { readonly store: Store; readonly loop: Loop },
  context: ActContext,
  record: IncomingRecord,
): Promise<boolean> {
  return tryRecords(dependencies, context, [record]).then(
    () => true,
    () => false,
  );
}

async function tryRecords(
  { store, loop }: { readonly store: Store; readonly loop: Loop },
  context: ActContext,
  incoming: readonly IncomingRecord[],
): Promise<readonly RecordChanges[]> {
  try {
    await store.transaction(context, async (tx) => {
      const taken = await loop.takeRecords(tx, incoming, (found) => Promise.reject(new Rehearsed(found)));
      throw new Rehearsed(
        taken.flatMap((one, index) => {
          const record = incoming[index];
          return record === undefined ? [] : [{ incoming: record, taken: one, changes: [], before: null, after: null }];
        }),
      );
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.records;
    throw error;
  }
  return [];
}
