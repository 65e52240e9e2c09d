import { InputInvalid, NotFound } from '@tenure/domain';
import type { HeldRecord, Import, StoredRecord, Transaction } from '@tenure/store';
import { answerOfKnown, tellConflict } from '../known-record.ts';
import type { IncomingRecord, TakenRecord } from '../take-record.ts';

/**
 * Keeps one batch of an import until it is judged as a whole. What is known already is only noted as named.
 * @param named the source's ids of everybody in the batch, as they were sent and as they are known, also of those whose record is wrong
 * @returns in the order of the records
 */
export async function stageRecords(
  tx: Transaction,
  { importId, source, named }: { readonly importId: string; readonly source: string; readonly named: Parameters<Transaction['imports']['name']>[1] },
  incoming: readonly IncomingRecord[],
): Promise<readonly TakenRecord[]> {
  mustCollect(await tx.imports.lock(importId), importId, source);
  await tx.imports.name(importId, named);
  const known = await tx.imports.known(
    source,
    incoming.map(({ externalId }) => externalId),
  );
  const answers = incoming.map((record) => ({ record, answer: answerOf(tx, record, known.get(record.externalId)) }));
  const staged = new Map(answers.filter(({ answer }) => answer.outcome === 'staged').map(({ record }) => [record.externalId, record]));
  const rows = [...staged.values()].map(
    (record): HeldRecord => ({
      externalId: record.externalId,
      source,
      version: record.version,
      record: { ...record },
      identityId: known.get(record.externalId)?.identityId ?? null,
      changes: [],
    }),
  );
  if (rows.length > 0) await tx.heldWaves.add(importId, rows, tx.context.now);
  return answers.map(({ answer }) => answer);
}

/** @throws InputInvalid when it takes no batches any more; NotFound also where it is another source's */
export function mustCollect(found: Import | null, importId: string, source: string): Import {
  if (found === null || found.source !== source) throw new NotFound(`there is no import ${importId} of source "${source}"`, { importId, source });
  if (found.standing !== 'collecting' || found.finishedAt !== null) throw new InputInvalid('the import is closed: begin another one', { importId });
  return found;
}

function answerOf(tx: Transaction, record: IncomingRecord, known: StoredRecord | undefined): TakenRecord {
  const answer = known === undefined ? null : answerOfKnown(record, known);
  if (answer?.outcome === 'conflict') tellConflict(tx, record, answer);
  const staged = { identityId: known?.identityId ?? null, recordId: null, linkedBy: null, outcome: 'staged' } as const;
  return answer ?? { ...staged, message: 'kept until the import is finished, and judged with all of it' };
}
