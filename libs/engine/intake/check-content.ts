import type { Configuration } from '@tenure/config';
import { checkFacts, type Facts, isDate, parseInstant } from '@tenure/domain';
import type { IncomingRecord } from './incoming-record.ts';
import { keyAttributes, settingsOfSource } from './settings-of-source.ts';
import type { SentRecord } from './sent-record.ts';

/** True: digits only, at most 30. */
export function isVersion(version: string): boolean {
  return /^\d{1,30}$/.test(version);
}

/** Content of a source record about one person, sent or simulated. */
export interface RecordContent {
  readonly facts: Facts;
  readonly end: Pick<IncomingRecord, 'endedAt' | 'endedOn'>;
}

/** @param source of the record; it may state what its settings allow */
export function checkContent(
  { status, endedAt, attributes }: Pick<SentRecord, 'status' | 'endedAt' | 'attributes'>,
  configuration: Configuration,
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
