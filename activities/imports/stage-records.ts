import { InputInvalid, NotFound } from '@tenure/domain';
import type { Import, KnownVersion, NewBatchItem, PendingRecord, Transaction } from '@tenure/store';
import { supersede } from '../batches/supersede.ts';
import type { Loop } from '../loop.ts';
import type { IncomingRecord, TakenRecord } from '../take-record.ts';

/**
 * Keeps one batch of an import until it is judged as a whole. What is known already is only noted as named: whoever an earlier import has
 * left out has not vanished then, so that what is pending for want of their being named falls away at once.
 * @param named the source's ids of everybody in the batch, also of those whose record is wrong
 * @returns in the order of the records
 */
export async function stageRecords(
  tx: Transaction,
  loop: Loop,
  { importId, source, named }: { readonly importId: string; readonly source: string; readonly named: readonly string[] },
  incoming: readonly IncomingRecord[],
): Promise<readonly TakenRecord[]> {
  mustCollect(await tx.imports.lock(importId), importId, source);
  await tx.imports.name(importId, named);
  const pending = (await tx.batchItems.pendingRecords(source, named)).filter(({ batchId }) => batchId !== importId);
  await supersede(
    tx,
    loop,
    pending,
    named.map((externalId) => ({ externalId, version: null })),
  );
  // Read once nobody carries out any more what was pending: who was ended meanwhile for want of being named is news in the same version.
  const externalIds = incoming.map(({ externalId }) => externalId);
  const known = await tx.imports.versions(source, externalIds);
  const waiting = new Map(pending.filter(({ hasVanished, isApproved }) => !hasVanished && !isApproved).map((one) => [one.key, one]));
  const answers = incoming.map((record) => ({ record, answer: answerOf(record, known.get(record.externalId), waiting.get(record.externalId)) }));
  const staged = new Map(answers.filter(({ answer }) => answer.outcome === 'staged').map(({ record }) => [record.externalId, record]));
  const items = [...staged.values()].map(
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
  await tx.batchItems.add(importId, items, tx.context.now);
  return answers.map(({ answer }) => answer);
}

/** @throws InputInvalid when it takes no batches any more; NotFound also where it is another source's */
export function mustCollect(found: Import | null, importId: string, source: string): Import {
  if (found === null || found.source !== source) throw new NotFound(`there is no import ${importId} of source "${source}"`, { importId, source });
  if (found.standing !== 'collecting' || found.finishedAt !== null) throw new InputInvalid('the import is closed: begin another one', { importId });
  return found;
}

function answerOf({ version }: IncomingRecord, known: KnownVersion | undefined, waiting: PendingRecord | undefined): TakenRecord {
  const answer = { identityId: known?.identityId ?? null, recordId: null, linkedBy: null };
  const [sent, had] = [BigInt(version), BigInt(known?.version ?? -1)];
  if (waiting !== undefined && sent < BigInt(waiting.version) && sent > had)
    return { ...answer, outcome: 'stale', message: `version ${waiting.version} waits in wave ${waiting.batchId}, which is newer` };
  if (known === undefined || known.identityId === null || sent > had || (sent === had && known.hasVanished))
    return { ...answer, outcome: 'staged', message: 'kept until the import is finished, and judged with all of it' };
  return sent === had
    ? { ...answer, outcome: 'unchanged', message: 'this version is recorded already' }
    : { ...answer, outcome: 'stale', message: `version ${known.version} is recorded already, which is newer` };
}
