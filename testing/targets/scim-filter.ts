/** True if a resource matches. */
export type Matcher = (resource: unknown) => boolean;

/** Error for a filter that is not one of RFC 7644 section 3.4.2.2. */
export class FilterInvalid extends Error {}

// Own tokenizer, because scim2-parse-filter reads `\\` in a value as two backslashes and compares user names with their case.
const token = /\s*(?:(?<string>"(?:[^"\\]|\\.)*")|(?<word>[A-Za-z0-9_$:.\-+%]+)|(?<mark>[()[\]]))/y;
const caseExact: ReadonlySet<string> = new Set(['id', 'externalid', 'value', 'members.value']);

/** Reads a filter. @throws FilterInvalid */
export function parseFilter(text: string): Matcher {
  const tokens = scan(text);
  const matcher = readOr(tokens);
  if (tokens.length > 0) throw new FilterInvalid('there is more than one filter');
  return matcher;
}

function scan(text: string): string[] {
  const tokens: string[] = [];
  // super-linear: no, it is a copy of the one above, for its place in the text
  const pattern = new RegExp(token);
  const end = text.trimEnd().length;
  while (pattern.lastIndex < end) {
    const found = pattern.exec(text);
    if (!found) throw new FilterInvalid('a character does not belong there');
    tokens.push(found[0].trimStart());
  }
  return tokens;
}

function readOr(tokens: string[]): Matcher {
  const parts = [readAnd(tokens)];
  while (tokens[0]?.toLowerCase() === 'or') {
    tokens.shift();
    parts.push(readAnd(tokens));
  }
  return (resource) => parts.some((part) => part(resource));
}

function readAnd(tokens: string[]): Matcher {
  const parts = [readOne(tokens)];
  while (tokens[0]?.toLowerCase() === 'and') {
    tokens.shift();
    parts.push(readOne(tokens));
  }
  return (resource) => parts.every((part) => part(resource));
}

function readOne(tokens: string[]): Matcher {
  const first = tokens.shift();
  if (first === undefined) throw new FilterInvalid('it ends too early');
  if (first.toLowerCase() === 'not') {
    const inner = readOne(tokens);
    return (resource) => !inner(resource);
  }
  if (first === '(') return closed(tokens, ')');
  if (tokens[0] === '[') {
    tokens.shift();
    const inner = closed(tokens, ']');
    return (resource) => valuesAt(resource, first).some(inner);
  }
  const operator = tokens.shift()?.toLowerCase();
  if (operator === 'pr') return (resource) => valuesAt(resource, first).length > 0;
  return comparison(first, operator, tokens.shift());
}

function closed(tokens: string[], mark: string): Matcher {
  const inner = readOr(tokens);
  if (tokens.shift() !== mark) throw new FilterInvalid(`a ${mark} is missing`);
  return inner;
}

function comparison(path: string, operator: string | undefined, literal: string | undefined): Matcher {
  const wanted = valueIn(literal);
  const exact = caseExact.has(path.toLowerCase());
  const fold = (value: unknown): unknown => (typeof value === 'string' && !exact ? value.toLowerCase() : value);
  const right = fold(wanted);
  const compare = comparisons[operator ?? ''];
  if (!compare) throw new FilterInvalid('the operator is not known');
  if (operator === 'ne') return (resource) => !valuesAt(resource, path).some((value) => fold(value) === right);
  return (resource) => valuesAt(resource, path).some((value) => compare(fold(value), right));
}

const texts = (compare: (left: string, right: string) => boolean) => (left: unknown, right: unknown) =>
  typeof left === 'string' && typeof right === 'string' && compare(left, right);

const comparisons: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  co: texts((left, right) => left.includes(right)),
  sw: texts((left, right) => left.startsWith(right)),
  ew: texts((left, right) => left.endsWith(right)),
  gt: texts((left, right) => left > right),
  ge: texts((left, right) => left >= right),
  lt: texts((left, right) => left < right),
  le: texts((left, right) => left <= right),
};

function valueIn(literal: string | undefined): unknown {
  try {
    return JSON.parse(literal ?? '');
  } catch {
    throw new FilterInvalid('the value is not one of JSON');
  }
}

/** All values that a path leads to; a list stands for each of its items, and a list of values for those values. */
function valuesAt(resource: unknown, path: string): readonly unknown[] {
  const colon = path.startsWith('urn:') ? path.lastIndexOf(':') : -1;
  const keys = colon < 0 ? path.split('.') : [path.slice(0, colon), ...path.slice(colon + 1).split('.')];
  let values: readonly unknown[] = [resource];
  for (const key of keys) values = values.flatMap((value) => inside(value, key));
  return values.flatMap((value) => (typeof value === 'object' && value !== null && 'value' in value && !Array.isArray(value) ? [value, value.value] : [value]));
}

function inside(value: unknown, key: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const found = Object.entries(value).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1] as unknown;
  return found === undefined || found === null ? [] : [found].flat();
}
