import { isDate, isTimeZone, parseInstant } from './dates.ts';
import type { AttributeSchema, AttributeType, AttributeValue, Facts } from './facts.ts';
import { didYouMean } from './nearest-name.ts';
import { isPlainText } from './plain-text.ts';

/** One fact that does not fit the schema. Names the attribute, never its value. */
export interface FactProblem {
  readonly attribute: string;
  readonly message: string;
}

/** What each type of attribute takes, for error sentences. */
const EXPECTED: Readonly<Record<AttributeType, string>> = {
  string: 'must be a text',
  strings: 'must be a list of texts',
  boolean: 'must be true or false',
  number: 'must be a number',
  date: 'must be a day (YYYY-MM-DD)',
  instant: 'must be an instant with a zone (RFC 3339)',
};

/**
 * Facts as a source hands them in, checked against the schema and normalised: texts from logins become numbers, booleans and
 * instants in UTC; an empty text or list becomes `null` ("there is none"); `undefined` stays out ("says nothing").
 * @returns the facts that fit, and a problem for each that does not
 */
export function checkFacts(facts: Readonly<Record<string, unknown>>, schema: AttributeSchema): { facts: Facts; problems: FactProblem[] } {
  const fitting: Record<string, AttributeValue | null> = {};
  const problems: FactProblem[] = [];
  for (const [attribute, value] of Object.entries(facts)) {
    const type = Object.hasOwn(schema, attribute) ? schema[attribute]?.type : undefined;
    if (type === undefined) {
      problems.push({ attribute, message: `there is no such attribute${didYouMean(attribute, Object.keys(schema))}` });
    } else if (value !== undefined) {
      const read = readFact(value, type);
      if (read === undefined) problems.push({ attribute, message: EXPECTED[type] });
      else if (attribute === 'timeZone' && typeof read === 'string' && !isTimeZone(read))
        problems.push({ attribute, message: 'must be the IANA name of a time zone (Europe/Berlin)' });
      else fitting[attribute] = read;
    }
  }
  return { facts: fitting, problems };
}

/** @returns `undefined` when the value does not fit the type */
function readFact(value: unknown, type: AttributeType): AttributeValue | null | undefined {
  if (value === null || value === '') return null;
  if (Array.isArray(value)) {
    const items = value.filter((item) => item !== '' && item !== null);
    if (items.length === 0) return null;
    if (type === 'strings') return items.every((item) => typeof item === 'string' && isPlainText(item)) ? [...new Set<string>(items)].sort() : undefined;
    // A source that speaks in lists means its only value.
    return items.length === 1 ? readScalar(items[0], type) : undefined;
  }
  return readScalar(value, type);
}

function readScalar(value: unknown, type: AttributeType): AttributeValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' && isPlainText(value) ? value : typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
    case 'strings':
      return typeof value === 'string' && isPlainText(value) ? [value] : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined;
    case 'number':
      return readNumber(value);
    case 'date':
      return readDate(value);
    case 'instant':
      return value instanceof Date ? value.toISOString() : typeof value === 'string' ? (parseInstant(value) ?? undefined) : undefined;
  }
}

function readNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Many systems write a day as its midnight in UTC. */
function readDate(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const day = value.replace(/T00:00:00(\.0+)?(Z|\+00:00)?$/, '');
  return isDate(day) ? day : undefined;
}
