import { type TypeError as CelTypeError, EvaluationError, Optional, ParseError, type ParseResult } from '@marcbachmann/cel-js';
import { APPLICATION_LISTS, type ExpressionEnvironment, celEnvironment } from './expression-environment.ts';
import { ExpressionRefused, type ExpressionParts, inspectExpression } from './expression-rules.ts';
import type { AttributeSchema } from '../identity/facts.ts';
import { BUILT_IN_ATTRIBUTES } from '../identity/identity-facts.ts';
import { didYouMean } from '../text/nearest-name.ts';

/** Type that an expression must yield. `any`: any type of an attribute. */
export type ExpressionType = 'bool' | 'timestamp' | 'string' | 'strings' | 'any';

/**
 * Result of an evaluation. `absent`: a fact that it reads is absent. `empty`: it reads an item of an empty list.
 * `error`: the expression is wrong; the message contains no value of a fact.
 */
export type Evaluated =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'error'; readonly message: string };

/** An expression that parses, is within the limits and has the right type. */
export interface Expression extends ExpressionParts {
  readonly source: string;
  evaluate(context: Readonly<Record<string, unknown>>): Evaluated;
}

/** Most characters of an expression. */
const LONGEST_EXPRESSION = 2000;
const ATTRIBUTE_TYPES = new Set(['string', 'bool', 'int', 'double', 'uint', 'google.protobuf.Timestamp', 'dyn', 'list<string>', 'list<dyn>', 'list']);
const ACCEPTED: Readonly<Record<ExpressionType, ReadonlySet<string>>> = {
  bool: new Set(['bool', 'dyn']),
  timestamp: new Set(['google.protobuf.Timestamp', 'dyn']),
  string: new Set(['string', 'dyn']),
  strings: new Set(['list<string>', 'list<dyn>', 'list', 'dyn']),
  any: ATTRIBUTE_TYPES,
};
const TYPE_WORDS: Readonly<Record<ExpressionType, string>> = {
  bool: 'true or false (bool)',
  timestamp: 'an instant (timestamp)',
  string: 'a text (string)',
  strings: 'a list of texts (list<string>)',
  any: 'a text, number, bool, timestamp or list of texts',
};

/**
 * Compiles and type-checks one CEL expression.
 * @throws ExpressionRefused with a sentence about the problem and the nearest valid name
 */
export function compileExpression(source: string, expected: ExpressionType, kind: ExpressionEnvironment, schema: AttributeSchema): Expression {
  if (source.trim() === '') throw new ExpressionRefused('is empty');
  if (source.length > LONGEST_EXPRESSION) throw new ExpressionRefused(`has ${source.length} characters, more than the ${LONGEST_EXPRESSION} allowed`);
  const environment = celEnvironment(kind, schema);
  // Facts are stored in NFC: a text in another form of Unicode would never equal one.
  const program = parse(() => environment.parse(kind === 'assertion' ? source : source.normalize('NFC')));
  const attributes = [...Object.keys(BUILT_IN_ATTRIBUTES), ...Object.keys(schema)];
  const parts = inspectExpression(program.ast, attributes, environment);
  const checked = program.check();
  if (!checked.valid) throw new ExpressionRefused(typeSentence(checked.error, program, kind));
  const type = (checked.type ?? 'dyn').replace(/^optional<(.*)>$/, '$1');
  if (!ACCEPTED[expected].has(type)) throw new ExpressionRefused(`must yield ${TYPE_WORDS[expected]}, but yields ${readable(type)}`);
  return { source, ...parts, evaluate: (context) => evaluate(program, context) };
}

/**
 * Checks one CEL expression.
 * @returns a sentence about the problem, with the nearest valid name if there is one; `null` if it is valid
 */
export function checkExpression(source: string, expected: ExpressionType, kind: ExpressionEnvironment, schema: AttributeSchema): string | null {
  try {
    compileExpression(source, expected, kind, schema);
    return null;
  } catch (error) {
    if (error instanceof ExpressionRefused) return error.message;
    throw error;
  }
}

function parse(run: () => ParseResult): ParseResult {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const place = error.range === undefined ? '' : ` at character ${error.range.start + 1}`;
    const hint = error.summary === 'Unexpected character: =' ? '; whether two are the same is asked by ==' : '';
    throw new ExpressionRefused(`is not valid CEL${place}: ${error.summary}${hint}`);
  }
}

const VARIABLES: Readonly<Record<ExpressionEnvironment, readonly string[]>> = {
  rule: ['identity', 'now'],
  identity: ['identity'],
  assertion: ['claims'],
  application: ['identity', ...APPLICATION_LISTS],
};
const FUNCTIONS = [
  'like',
  'matchesRe2',
  'lower',
  'contains',
  'startsWith',
  'endsWith',
  'size',
  'has',
  'duration',
  'timestamp',
  'string',
  'int',
  'double',
  'orValue',
  'exists',
  'all',
  'map',
  'filter',
  'split',
  'join',
  'trim',
  'lowerAscii',
  'upperAscii',
];

function typeSentence(error: ParseError | CelTypeError | undefined, program: ParseResult, kind: ExpressionEnvironment): string {
  const summary = readable(error?.summary ?? 'is not valid');
  const variable = /^Unknown variable: (\S+)$/.exec(summary)?.[1];
  if (variable !== undefined)
    return variable === 'now'
      ? 'now can only be used in the condition of a birthright rule'
      : `there is no variable ${variable}${didYouMean(variable, VARIABLES[kind]) || `; a text stands in quotes: "${variable}"`}`;
  const call = /^found no matching overload for '(?:.*\.)?([A-Za-z_]\w*)\(/.exec(summary)?.[1];
  if (call !== undefined && !FUNCTIONS.includes(call)) return `there is no function ${call}${didYouMean(call, FUNCTIONS)}`;
  const place = error?.range === undefined ? '' : ` (at character ${error.range.start + 1} of ${program.ast.input.length})`;
  const [, left = '', operator = '', right = ''] = /^no such overload: (\S+) (==|!=|<=?|>=?|in) (\S+)$/.exec(summary) ?? [];
  return operator === '' ? `${summary}${place}` : `${operator} does not go between ${left} and ${right}${place}${mismatchHint(operator, [left, right])}`;
}

/** Hint at the likely intention if two types do not match. */
function mismatchHint(operator: string, types: readonly string[]): string {
  if (operator === 'in') return '; in looks into a list of the same type, such as identity.department in ["Sales", "Finance"]';
  if (types.includes('timestamp')) return '; an instant is written like timestamp("2026-03-01T00:00:00Z")';
  if (types.some((type) => type.startsWith('list'))) return '; the elements of a list are tested like "x" in identity.groups';
  if (types.includes('string')) return '; a text stands in quotes, a number, true and false without';
  return '';
}

function readable(text: string): string {
  return text.replaceAll('google.protobuf.Timestamp', 'timestamp').replaceAll('google.protobuf.Duration', 'duration');
}

function evaluate(program: ParseResult, context: Readonly<Record<string, unknown>>): Evaluated {
  try {
    const result: unknown = program({ ...context });
    const value = result instanceof Optional ? (result.hasValue() ? result.value() : undefined) : result;
    return value === undefined ? { kind: 'absent' } : { kind: 'value', value };
  } catch (error) {
    const code = error instanceof EvaluationError ? error.code : 'failed';
    if (code === 'no_such_key' || code === 'optional_value_missing') return { kind: 'absent' };
    if (code === 'index_out_of_bounds') return { kind: 'empty' };
    return { kind: 'error', message: `the expression could not be evaluated (${code})` };
  }
}
