import { wouldBeTaken } from '@tenure/engine/batches';
import { type IncomingRecord, keyAttributes, receiveRecords, settingsOfSource, stageRecords, type TakenRecord } from '@tenure/engine/intake';
import { checkFacts, DatabaseUnavailable, type Facts, hasControlCharacters, InputInvalid, isDate, isPlainText, normalText, parseInstant } from '@tenure/domain';
import type { ActContext } from '@tenure/store';
import type { ApiDependencies } from '../dependencies.ts';
import { mustExist } from '../graphql/must-exist.ts';
import type { RecordInput, RecordResult } from './record-facts.type.ts';

/** Records in one batch: judged as a whole, and taken in one transaction; few enough that nobody waits long for one of the people in it. */
export const mostRecords = 500;

/**
 * Takes a batch. Records that go well go together; where that fails, those that fail by themselves are left out: what is wrong with one
 * keeps none of the others. What is left is still judged as a whole.
 * @param importId keeps them until the import is judged
 * @throws InputInvalid when the batch itself is wrong
 */
export async function takeRecords(
  dependencies: ApiDependencies,
  source: string,
  records: readonly RecordInput[],
  context: ActContext,
  importId: string | null,
): Promise<readonly RecordResult[]> {
  const { sources } = dependencies.configuration;
  mustExist('input.source', 'source', source, Object.keys(sources));
  if (records.length > mostRecords) throw new InputInvalid(`input.records: a batch has at most ${mostRecords} records`, { records: String(records.length) });
  const checked = records.map((record) => ({ record, incoming: incomingOf(source, record, dependencies.configuration) }));
  const good = checked.flatMap(({ incoming }) => ('problems' in incoming ? [] : [incoming]));
  const named = records.map(({ externalId: sent }) => ({ sent, knownAs: normalText(sent) })).filter(({ knownAs }) => isExternalId(knownAs));
  const taken =
    importId === null
      ? await takeSound(dependencies, source, good, context)
      : await dependencies.store.transaction(context, (tx) => stageRecords(tx, dependencies.loop, { importId, source, named }, good));
  const answers = taken.values();
  return checked.map(({ record, incoming }) => ('problems' in incoming ? invalid(record, incoming.problems) : resultOf(record, answers.next().value, context)));
}

/** @returns `null` for what could not be taken */
async function takeSound(
  dependencies: ApiDependencies,
  source: string,
  incoming: readonly IncomingRecord[],
  context: ActContext,
): Promise<readonly (TakenRecord | null)[]> {
  const { logger } = dependencies;
  const take = (some: readonly IncomingRecord[]) => receiveRecords(dependencies, context, source, some);
  try {
    // Two requests may have wanted the same user name or record at once; the same version again changes nothing, so once more is safe.
    return await take(incoming).catch((error: unknown) => {
      if (error instanceof DatabaseUnavailable) throw error;
      return take(incoming);
    });
  } catch (error) {
    // That is no record's fault.
    if (error instanceof DatabaseUnavailable) throw error;
    logger.error({ err: error, reference: context.correlationId, source }, 'a batch of records could not be taken as a whole');
    const sound: IncomingRecord[] = [];
    for (const record of incoming) if (await wouldBeTaken(dependencies, context, record)) sound.push(record);
    const taken = sound.length === 0 || sound.length === incoming.length ? [] : await take(sound).catch(leaveOut);
    return incoming.map((record) => taken[sound.indexOf(record)] ?? null);
  }
}

/** Of records that go well one by one and not together, none is kept. */
function leaveOut(error: unknown): readonly TakenRecord[] {
  if (error instanceof DatabaseUnavailable) throw error;
  return [];
}

function resultOf({ externalId, version }: RecordInput, taken: TakenRecord | null | undefined, { correlationId }: ActContext): RecordResult {
  if (taken === undefined) throw new Error('every record has a result');
  if (taken === null)
    return { externalId, version, outcome: 'failed', identityId: null, message: `nothing was kept; send it again (reference ${correlationId})`, waveId: null };
  return { externalId, version, outcome: taken.outcome, identityId: taken.identityId, message: taken.message, waveId: taken.waveId ?? null };
}

function invalid({ externalId, version }: RecordInput, problems: readonly string[]): RecordResult {
  return { externalId, version, outcome: 'invalid', identityId: null, message: problems.join('; '), waveId: null };
}

function incomingOf(source: string, record: RecordInput, configuration: ApiDependencies['configuration']): IncomingRecord | { problems: readonly string[] } {
  const checked = checkContent(record, configuration, source);
  const problems = 'problems' in checked ? [...checked.problems] : [];
  const externalId = normalText(record.externalId);
  if (!isExternalId(externalId)) problems.unshift('externalId must have 1 to 200 characters, none of them a control character');
  if (!isVersion(record.version)) problems.push('version must be digits only, at most 30');
  if (problems.length > 0 || 'problems' in checked) return { problems };
  return { source, externalId, version: record.version, facts: checked.facts, status: record.status ?? null, ...checked.end };
}

/** As it is kept: trimmed and in NFC. */
function isExternalId(externalId: string): boolean {
  return externalId !== '' && externalId.length <= 200 && isPlainText(externalId) && !hasControlCharacters(externalId);
}

export function isVersion(version: string): boolean {
  return /^\d{1,30}$/.test(version);
}

/** Content of a source record about one person, sent or simulated. */
export interface RecordContent {
  readonly facts: Facts;
  readonly end: Pick<IncomingRecord, 'endedAt' | 'endedOn'>;
}

/** @param source whose record it is; it may state what its settings allow */
export function checkContent(
  { status, endedAt, attributes }: Pick<RecordInput, 'status' | 'endedAt' | 'attributes'>,
  configuration: ApiDependencies['configuration'],
  source: string,
): RecordContent | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  if (endedAt != null && status !== 'ended') problems.push('endedAt goes with status ENDED only');
  if (!isObject(attributes)) return { problems: [...problems, 'attributes must be an object'] };
  const { facts, problems: wrong } = checkFacts(attributes, configuration.attributes, keyAttributes(settingsOfSource(configuration, source)));
  const { mayState = {} } = configuration.precedence;
  const allowed = Object.hasOwn(mayState, source) ? mayState[source] : undefined;
  const foreign = Object.keys(facts).filter((name) => allowed?.includes(name) === false);
  problems.push(...foreign.map((name) => `${name}: is not among the attributes that source ${source} may state (attributes in tenure.yaml)`));
  // A day ends where the person is, which other sources may know better, and which may change until then.
  const isDay = endedAt != null && isDate(endedAt);
  const end = endedAt == null || isDay ? null : parseInstant(endedAt);
  if (endedAt != null && !isDay && end === null) problems.push('endedAt must be an instant with a zone (RFC 3339) or a day (YYYY-MM-DD)');
  problems.push(...wrong.map(({ attribute, message }) => `${attribute.slice(0, 100)}: ${message}`));
  return problems.length > 0 ? { problems } : { facts, end: isDay ? { endedAt: null, endedOn: endedAt } : { endedAt: end } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
