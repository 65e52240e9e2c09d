import { InputInvalid, NotFound } from '@tenure/domain';
import type { Import, NewBatchItem, PendingRecord, StoredRecord, Transaction } from '@tenure/store';
import { supersede } from '../batches/supersede.ts';
import { answerOfKnown, conflictOf, contradicts, auditConflict } from './known-record.ts';
import type { Engine } from '../decide/engine.ts';
import { repeated, repeatOf } from './store-records.ts';
import type { TakenRecord } from './taken-record.ts';
import type { IncomingRecord } from './incoming-record.ts';

/**
 * Keeps one batch of an import until the import is checked as a whole. A known record is only noted as named: its person has not vanished then, even
 * if an earlier import left them out, and an item that is pending because they were not named is withdrawn at once.
 * @param named the source's ids of everybody in the batch, as they were sent and as they are known, also of those whose record is invalid
 * @returns in the order of the records
 */
export async function stageRecords(
  tx: Transaction,
  engine: Engine,
  { importId, source, named }: { readonly importId: string; readonly source: string; readonly named: Parameters<Transaction['imports']['name']>[1] },
  incoming: readonly IncomingRecord[],
): Promise<readonly TakenRecord[]> {
  mustCollect(await tx.imports.lock(importId), importId, source);
  await tx.imports.name(importId, named);
  const all = await tx.batchItems.pendingRecords(
    source,
    named.map(({ knownAs }) => knownAs),
  );
  const pending = all.filter(({ batchId }) => batchId !== importId);
  await supersede(
    tx,
    engine,
    pending,
    named.map(({ knownAs: externalId }) => ({ externalId, version: null })),
  );
  // Read once nobody carries out pending records any more: a person who was ended meanwhile because they were not named is news in the same version.
  const externalIds = incoming.map(({ externalId }) => externalId);
  const known = await tx.imports.known(source, externalIds);
  const waiting = new Map(pending.filter(({ hasVanished, isApproved }) => !hasVanished && !isApproved).map((one) => [one.key, one]));
  const kept = (await tx.batchItems.recordsOf(importId, externalIds)) as unknown as readonly IncomingRecord[];
  const staged = new Map(kept.map((record) => [record.externalId, record]));
  const news = new Map<string, IncomingRecord>();
  const repeats = await noteRepeats(
    tx,
    engine,
    importId,
    incoming.filter(({ externalId }) => !waiting.has(externalId) && !staged.has(externalId)),
    known,
  );
  const conflicts: [IncomingRecord, TakenRecord][] = [];
  const answers = incoming.map((record) => {
    const { externalId } = record;
    const repeat = repeats.get(record);
    if (repeat !== undefined) return repeated(repeat);
    const answer = answerOf(record, { known: known.get(externalId), waiting: waiting.get(externalId), staged: staged.get(externalId) });
    if (answer.outcome === 'conflict') conflicts.push([record, answer]);
    if (answer.outcome !== 'staged') return answer;
    staged.set(externalId, record);
    news.set(externalId, record);
    return answer;
  });
  const items = [...news.values()].map(
    (record): NewBatchItem => ({
      key: record.externalId,
      source,
      version: record.version,
      record: { ...record },
      hasVanished: false,
      identityId: known.get(record.externalId)?.identityId ?? null,
      changes: [],
    }),
  );
  for (const [record, answer] of conflicts) await auditConflict(tx, record, answer);
  await tx.batchItems.add(importId, items, tx.context.now);
  return answers;
}

/**
 * Notes newer versions without new content, which are stored when the import is finished: none of them waits to be checked, and a feed that gives
 * everybody a new version each night leaves no item for each of them. A record that occurs twice in the batch is never one of them.
 */
async function noteRepeats(
  tx: Transaction,
  engine: Engine,
  importId: string,
  incoming: readonly IncomingRecord[],
  known: ReadonlyMap<string, StoredRecord>,
): Promise<ReadonlyMap<IncomingRecord, StoredRecord>> {
  const times = Map.groupBy(incoming, ({ externalId }) => externalId);
  const repeats = incoming.flatMap((record) => {
    if (times.get(record.externalId)?.length !== 1) return [];
    const before = known.get(record.externalId);
    return before !== undefined && repeatOf(engine, record, before, tx.context.now) !== null ? [[record, before] as const] : [];
  });
  if (repeats.length > 0)
    await tx.imports.noteRepeats(
      importId,
      repeats.map(([record, { version: knownVersion }]) => ({ knownAs: record.externalId, record, knownVersion })),
    );
  return new Map(repeats);
}

/** Checks that an import takes batches. @throws InputInvalid when it takes none any more; NotFound also where it is another source's */
export function mustCollect(found: Import | null, importId: string, source: string): Import {
  if (found === null || found.source !== source) throw new NotFound(`there is no import ${importId} of source "${source}"`, { importId, source });
  if (found.standing !== 'collecting' || found.finishedAt !== null)
    throw new InputInvalid('input.importId: the import is closed; start another one', { importId });
  return found;
}

/** Versions of the same record that are known already: in force, pending in another batch, and in this import. */
interface Before {
  readonly known: StoredRecord | undefined;
  readonly waiting: PendingRecord | undefined;
  readonly staged: IncomingRecord | undefined;
}

function answerOf(record: IncomingRecord, { known, waiting, staged }: Before): TakenRecord {
  const answer = { identityId: known?.identityId ?? null, recordId: known?.id ?? null, linkedBy: null };
  const sent = BigInt(record.version);
  if (waiting !== undefined && sent < BigInt(waiting.version) && sent > BigInt(known?.version ?? -1))
    return { ...answer, outcome: 'stale', message: `version ${waiting.version}, which is newer, waits for approval in a batch change` };
  const others = [staged, (waiting?.record ?? undefined) as IncomingRecord | undefined];
  if (others.some((one) => one !== undefined && contradicts(record, one))) return { ...answer, ...conflictOf(record) };
  return (
    (known === undefined ? null : answerOfKnown(record, known)) ?? {
      ...answer,
      recordId: null,
      outcome: 'staged',
      message: 'stored until the import is finished',
    }
  );
}
