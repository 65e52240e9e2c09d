import { isDate, isTimeZone, parseInstant } from '../time/dates.ts';
import type { AttributeSchema, AttributeType, AttributeValue, Facts } from './facts.ts';
import { didYouMean } from '../text/nearest-name.ts';
import { hasControlCharacters, hasUnseenCharacters, isPlainText, normalText } from '../text/plain-text.ts';

/** One fact that does not conform to the schema. It names the attribute, never its value. */
export interface FactProblem {
  readonly attribute: string;
  readonly message: string;
}

/** Most characters of a text, most characters of a key (limited by the index), and most texts of a list. */
export const LONGEST_TEXT = 1000;
export const LONGEST_KEY = 256;
const LONGEST_LIST = 1000;
/** Attributes by which other facts name people, whether or not a source has them as keys. */
const NAMING: readonly string[] = ['employeeNumber', 'email'];

/** Error sentences by type of attribute. */
const EXPECTED: Readonly<Record<AttributeType, string>> = {
  string: 'must be a text',
  strings: 'must be a list of texts',
  boolean: 'must be true or false',
  number: 'must be a number',
  date: 'must be a day (YYYY-MM-DD)',
  instant: 'must be an instant with a zone (RFC 3339)',
};

/**
 * Checks the facts of a source against the schema and normalises them: texts from logins become numbers, booleans and
 * instants in UTC; texts are trimmed and in NFC (`normalText`); a blank text or an empty list becomes `null` (no value); `undefined`
 * is left out (not stated).
 * @param keys attributes that identify the person of a record: their limit of length is lower
 * @returns the valid facts, and a problem for each invalid one
 */
export function checkFacts(
  facts: Readonly<Record<string, unknown>>,
  schema: AttributeSchema,
  keys: readonly string[] = [],
): { facts: Facts; problems: FactProblem[] } {
  const fitting: Record<string, AttributeValue | null> = {};
  const problems: FactProblem[] = [];
  for (const [attribute, value] of Object.entries(facts)) {
    const type = Object.hasOwn(schema, attribute) ? schema[attribute]?.type : undefined;
    if (type === undefined) {
      problems.push({ attribute, message: `there is no such attribute${didYouMean(attribute, Object.keys(schema))}` });
    } else if (value !== undefined) {
      const read = readFact(value, type);
      const wrong = read === undefined ? EXPECTED[type] : textProblem(read, { value, isKey: keys.includes(attribute), isName: NAMING.includes(attribute) });
      if (read === undefined || wrong !== null) problems.push({ attribute, message: wrong ?? EXPECTED[type] });
      else if (attribute === 'timeZone' && typeof read === 'string' && !isTimeZone(read))
        problems.push({ attribute, message: 'must be the IANA name of a time zone (Europe/Berlin)' });
      else fitting[attribute] = read;
    }
  }
  return { facts: fitting, problems };
}

/** @returns `undefined` if the value does not match the type */
function readFact(value: unknown, type: AttributeType): AttributeValue | null | undefined {
  if (isBlank(value)) return null;
  if (Array.isArray(value)) {
    const items = value.filter((item) => !isBlank(item));
    if (items.length === 0) return null;
    if (type === 'strings')
      return items.every((item) => typeof item === 'string' && isPlainText(item)) ? [...new Set<string>(items.map(normalText))].sort() : undefined;
    // Some sources send single values as lists of one.
    return items.length === 1 ? readScalar(items[0], type) : undefined;
  }
  return readScalar(value, type);
}

function isBlank(value: unknown): boolean {
  return value === null || (typeof value === 'string' && normalText(value) === '');
}

/** Problem of a text, or of one in a list, without its content; `null`: it is valid. */
function textProblem(
  read: AttributeValue | null,
  { value, isKey, isName }: { readonly value: unknown; readonly isKey: boolean; readonly isName: boolean },
): string | null {
  const texts = Array.isArray(read) ? (read as readonly string[]) : typeof read === 'string' ? [read] : [];
  const longest = isKey || isName ? LONGEST_KEY : LONGEST_TEXT;
  if (isKey && texts.length > 0 && [value].flat().some((text) => typeof text === 'string' && hasUnseenCharacters(text)))
    return 'must not contain invisible characters';
  if (texts.length > LONGEST_LIST) return `must have at most ${LONGEST_LIST} texts`;
  if (texts.some((text) => text.length > longest)) return `must have at most ${longest} characters`;
  return texts.some(hasControlCharacters) ? 'must not contain control characters, line breaks or characters that change the direction of text' : null;
}

function readScalar(value: unknown, type: AttributeType): AttributeValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' && isPlainText(value)
        ? normalText(value)
        : typeof value === 'number' || typeof value === 'bigint'
          ? String(value)
          : undefined;
    case 'strings':
      return typeof value === 'string' && isPlainText(value) ? [normalText(value)] : undefined;
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

/** Returns a day, also from its midnight in UTC, which many systems write. */
function readDate(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const day = value.replace(/T00:00:00(\.0+)?(Z|\+00:00)?$/, '');
  return isDate(day) ? day : undefined;
}
