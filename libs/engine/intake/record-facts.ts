import { wouldBeTaken } from '../batches/rehearse.ts';
import type { IncomingRecord } from './incoming-record.ts';
import { receiveRecords } from './receive-records.ts';
import { stageRecords } from './stage-records.ts';
import type { TakenRecord } from './taken-record.ts';
import type { Configuration } from '@tenure/config';
import { DatabaseUnavailable, hasControlCharacters, InputInvalid, isPlainText, normalText, mustExist } from '@tenure/domain';
import type { Engine } from '../decide/engine.ts';
import type { ActContext, Store } from '@tenure/store';
import { checkContent, isVersion } from './check-content.ts';
import type { SentRecord, SentRecordResult } from './sent-record.ts';

/**
 * Maximum number of records in one batch: checked as a whole, and taken in one transaction; few enough that nobody waits long for one of the people
 * in it.
 */
export const mostRecords = 500;

export interface RecordFactsDependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly configuration: Configuration;
  readonly logger: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/**
 * Takes a batch. Records that succeed are taken together; those that fail by themselves are left out: an error in one record does not affect the
 * others. The rest is still checked as a whole.
 * @param importId keeps them until the import is checked
 * @throws InputInvalid when the batch itself is invalid
 */
export async function recordFacts(
  dependencies: RecordFactsDependencies,
  source: string,
  records: readonly SentRecord[],
  context: ActContext,
  importId: string | null,
): Promise<readonly SentRecordResult[]> {
  const { sources } = dependencies.configuration;
  mustExist('input.source', 'source', source, Object.keys(sources));
  if (records.length > mostRecords) throw new InputInvalid(`input.records: a batch has at most ${mostRecords} records`, { records: String(records.length) });
  const checked = records.map((record) => ({ record, incoming: incomingOf(source, record, dependencies.configuration) }));
  const good = checked.flatMap(({ incoming }) => ('problems' in incoming ? [] : [incoming]));
  const named = records.map(({ externalId: sent }) => ({ sent, knownAs: normalText(sent) })).filter(({ knownAs }) => isExternalId(knownAs));
  const taken =
    importId === null
      ? await takeSound(dependencies, source, good, context)
      : await dependencies.store.transaction(context, (tx) => stageRecords(tx, dependencies.engine, { importId, source, named }, good));
  await noteContact(dependencies, source, context);
  const answers = taken.values();
  return checked.map(({ record, incoming }) => ('problems' in incoming ? invalid(record, incoming.problems) : resultOf(record, answers.next().value, context)));
}

/** Stores the time of the last contact of a source. No delivery fails because of it. */
async function noteContact({ store, logger }: RecordFactsDependencies, source: string, context: ActContext): Promise<void> {
  await store
    .transaction(context, (tx) => tx.sourceContacts.heard(source, context.now))
    .catch((error: unknown) => logger.warn({ err: error, source }, 'the delivery of a source could not be noted'));
}

/** @returns `null` for those that could not be taken */
async function takeSound(
  dependencies: RecordFactsDependencies,
  source: string,
  incoming: readonly IncomingRecord[],
  context: ActContext,
): Promise<readonly (TakenRecord | null)[]> {
  const { logger } = dependencies;
  const take = (some: readonly IncomingRecord[]) => receiveRecords(dependencies, context, source, some);
  try {
    // Two simultaneous requests may have tried to take the same user name or record; the same version again changes nothing, so one repeat is safe.
    return await take(incoming).catch((error: unknown) => {
      if (error instanceof DatabaseUnavailable) throw error;
      return take(incoming);
    });
  } catch (error) {
    // A failure of the database is no record's fault.
    if (error instanceof DatabaseUnavailable) throw error;
    logger.error({ err: error, reference: context.correlationId, source }, 'a batch of records could not be taken as a whole');
    const sound: IncomingRecord[] = [];
    for (const record of incoming) if (await wouldBeTaken(dependencies, context, record)) sound.push(record);
    const taken = sound.length === 0 || sound.length === incoming.length ? [] : await take(sound).catch(leaveOut);
    return incoming.map((record) => taken[sound.indexOf(record)] ?? null);
  }
}

/** Results of records that succeed one by one and not together: none is kept. */
function leaveOut(error: unknown): readonly TakenRecord[] {
  if (error instanceof DatabaseUnavailable) throw error;
  return [];
}

function resultOf({ externalId, version }: SentRecord, taken: TakenRecord | null | undefined, { correlationId }: ActContext): SentRecordResult {
  if (taken === undefined) throw new Error('every record has a result');
  if (taken === null)
    return {
      externalId,
      version,
      outcome: 'failed',
      identityId: null,
      message: `nothing was stored; send it again (reference ${correlationId})`,
      batchId: null,
    };
  return { externalId, version, outcome: taken.outcome, identityId: taken.identityId, message: taken.message, batchId: taken.batchId ?? null };
}

function invalid({ externalId, version }: SentRecord, problems: readonly string[]): SentRecordResult {
  return { externalId, version, outcome: 'invalid', identityId: null, message: problems.join('; '), batchId: null };
}

function incomingOf(source: string, record: SentRecord, configuration: Configuration): IncomingRecord | { problems: readonly string[] } {
  const checked = checkContent(record, configuration, source);
  const problems = 'problems' in checked ? [...checked.problems] : [];
  const externalId = normalText(record.externalId);
  if (!isExternalId(externalId)) problems.unshift('externalId must have 1 to 200 characters, none of them a control character');
  if (!isVersion(record.version)) problems.push('version must be digits only, at most 30');
  if (problems.length > 0 || 'problems' in checked) return { problems };
  return { source, externalId, version: record.version, facts: checked.facts, status: record.status ?? null, ...checked.end };
}

/** True for an external id in the form in which it is kept: trimmed and in NFC. */
function isExternalId(externalId: string): boolean {
  return externalId !== '' && externalId.length <= 200 && isPlainText(externalId) && !hasControlCharacters(externalId);
}
