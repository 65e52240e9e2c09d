import { type IncomingRecord, receiveRecords, type TakenRecord } from '@tenure/activities';
import { checkFacts, type Facts, instantOf, InputInvalid, isPlainText } from '@tenure/domain';
import type { ActContext } from '@tenure/store';
import type { ApiDependencies } from '../dependencies.ts';
import type { RecordInput, RecordResult } from './record-facts.type.ts';

/** Records in one batch: judged as a whole, and taken in one transaction; few enough that nobody waits long for one of the people in it. */
export const mostRecords = 500;

/**
 * Takes a batch. Records that go well go together; where a transaction fails, each of its records gets one of its own: what is wrong
 * with one keeps none of the others.
 * @throws InputInvalid when the batch itself is wrong
 */
export async function takeRecords(
  dependencies: ApiDependencies,
  source: string,
  records: readonly RecordInput[],
  context: ActContext,
): Promise<readonly RecordResult[]> {
  const { sources } = dependencies.configuration;
  if (!Object.hasOwn(sources, source)) throw new InputInvalid(`there is no source "${source}" in tenure.yaml`, { source });
  if (records.length > mostRecords) throw new InputInvalid(`a batch has at most ${mostRecords} records`, { records: String(records.length) });
  return takeSome(dependencies, source, records, context);
}

async function takeSome(dependencies: ApiDependencies, source: string, records: readonly RecordInput[], context: ActContext): Promise<readonly RecordResult[]> {
  const { configuration } = dependencies;
  const oneByOne = async (): Promise<readonly RecordResult[]> => {
    const results: RecordResult[] = [];
    for (const record of records) results.push(await takeOne(dependencies, source, record, context));
    return results;
  };
  if (records.length === 1) return oneByOne();
  const checked = records.map((record) => ({ record, incoming: incomingOf(source, record, configuration) }));
  const good = checked.flatMap(({ incoming }) => ('problems' in incoming ? [] : [incoming]));
  try {
    const taken = (await receiveRecords(dependencies, context, source, good)).values();
    return checked.map(({ record, incoming }) => ('problems' in incoming ? invalid(record, incoming.problems) : resultOf(record, taken.next().value)));
  } catch {
    return oneByOne();
  }
}

function resultOf({ externalId, version }: RecordInput, taken: TakenRecord | undefined): RecordResult {
  if (taken === undefined) throw new Error('every record has a result');
  return { externalId, version, outcome: taken.outcome, identityId: taken.identityId, message: taken.message, waveId: taken.waveId ?? null };
}

function invalid({ externalId, version }: RecordInput, problems: readonly string[]): RecordResult {
  return { externalId, version, outcome: 'invalid', identityId: null, message: problems.join('; '), waveId: null };
}

function incomingOf(source: string, record: RecordInput, configuration: ApiDependencies['configuration']): IncomingRecord | { problems: readonly string[] } {
  const checked = checkRecord(record, configuration);
  if ('problems' in checked) return checked;
  const { externalId, version } = record;
  return { source, externalId, version, facts: checked.facts, status: record.status ?? null, endedAt: checked.endedAt };
}

async function takeOne(dependencies: ApiDependencies, source: string, record: RecordInput, context: ActContext): Promise<RecordResult> {
  const { configuration, logger } = dependencies;
  const { externalId, version } = record;
  const incoming = incomingOf(source, record, configuration);
  if ('problems' in incoming) return invalid(record, incoming.problems);
  const take = () => receiveRecords(dependencies, context, source, [incoming]);
  try {
    // Two requests may have wanted the same user name or record at once; the same version again changes nothing, so once more is safe.
    const [taken] = await take().catch(take);
    return resultOf(record, taken);
  } catch (error) {
    logger.error({ err: error, reference: context.correlationId, source }, 'a record could not be taken');
    return {
      externalId,
      version,
      outcome: 'failed',
      identityId: null,
      message: `nothing was kept; send it again (reference ${context.correlationId})`,
      waveId: null,
    };
  }
}

function checkRecord(
  { externalId, version, status, endedAt, attributes }: RecordInput,
  { attributes: schema, timeZone }: ApiDependencies['configuration'],
): { facts: Facts; endedAt: string | null } | { problems: readonly string[] } {
  const problems: string[] = [];
  if (externalId.trim() === '' || externalId.length > 200 || !isPlainText(externalId)) problems.push('externalId must have 1 to 200 characters');
  if (!/^\d{1,30}$/.test(version)) problems.push('version must be digits only, at most 30');
  if (endedAt != null && status !== 'ended') problems.push('endedAt goes with status ENDED only');
  if (!isObject(attributes)) return { problems: [...problems, 'attributes must be an object'] };
  const { facts, problems: wrong } = checkFacts(attributes, schema);
  const own = facts['timeZone'];
  const end = endedAt == null ? null : instantOf(endedAt, 'end', typeof own === 'string' ? own : timeZone);
  if (endedAt != null && end === null) problems.push('endedAt must be an instant with a zone (RFC 3339) or a day (YYYY-MM-DD)');
  problems.push(...wrong.map(({ attribute, message }) => `${attribute.slice(0, 100)}: ${message}`));
  return problems.length > 0 ? { problems } : { facts, endedAt: end };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
