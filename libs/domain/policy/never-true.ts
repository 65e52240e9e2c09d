import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import { USER_TYPES } from '../identity/facts.ts';

type Literal = string | number | boolean;

/** A part of a condition that must be true, or false, for the whole to be. */
interface Demand {
  readonly node: ASTNode;
  readonly isTrue: boolean;
}

/** Constraint of a condition on one term, such as `identity.department`. */
interface Constraint {
  /** Term in CEL; of a comparison of two terms, both. */
  readonly term: string;
  /** Name of the term for messages. */
  readonly name: string;
  /** Phrase of the constraint, as in "department cannot be … and … at once". */
  readonly phrase: string;
  /** Only possible values; `null`: they are not listed. */
  readonly only: readonly Literal[] | null;
  readonly allows: (value: Literal) => boolean;
  /** Bounds of numbers: the bound, and true if the bound itself is possible. */
  readonly above?: readonly [number, boolean];
  readonly below?: readonly [number, boolean];
}

/** Most ways to fulfil a condition that are checked; a condition with more is accepted. */
const mostWays = 64;
const ORDER = { '<': [-1], '<=': [-1, 0], '>': [1], '>=': [0, 1], '==': [0], '!=': [-1, 1] } as const;
const FLIPPED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' } as const;
const OPPOSITE = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '==': '!=', '!=': '==' } as const;
type Comparison = keyof typeof ORDER;

/** Returns the reason why a condition can never be true for any person; `null`: none was found. */
export function whyNeverTrue(ast: ASTNode): string | null {
  const ways = waysTo(ast, true);
  if (ways === null) return null;
  const reasons = ways.map(whyImpossible);
  return reasons.includes(null) ? null : [...new Set(reasons)].join('; ');
}

/** Ways to make a condition true, or false, each a list of demands to meet together. `null`: there are too many. */
function waysTo(node: ASTNode, isTrue: boolean): (readonly Demand[])[] | null {
  if (node.op === '!_') return waysTo(node.args, !isTrue);
  if (node.op !== '&&' && node.op !== '||') return [[{ node, isTrue }]];
  const [left, right] = node.args.map((part) => waysTo(part, isTrue));
  if (left == null || right == null) return null;
  const ways = (node.op === '||') === isTrue ? [...left, ...right] : left.flatMap((one) => right.map((other) => [...one, ...other]));
  return ways.length > mostWays ? null : ways;
}

function whyImpossible(demands: readonly Demand[]): string | null {
  if (demands.some(({ node, isTrue }) => node.op === 'value' && typeof node.args === 'boolean' && node.args !== isTrue)) return 'it says false';
  const byTerm = Map.groupBy(demands.flatMap(constraintOf), ({ term }) => term);
  for (const [, constraints] of byTerm) {
    const reason = whyNothingFits(constraints);
    if (reason !== null) return reason;
  }
  return null;
}

function whyNothingFits(constraints: readonly Constraint[]): string | null {
  const { name } = constraints[0] ?? { name: '' };
  const atOnce = (all: readonly Constraint[]): string => `${name} cannot be ${[...new Set(all.map(({ phrase }) => phrase))].join(' and ')} at once`;
  const values = constraints.find(({ only }) => only !== null)?.only ?? null;
  if (values !== null && !values.some((value) => constraints.every(({ allows }) => allows(value)))) return atOnce(constraints);
  if (name === 'userType' && !USER_TYPES.some((value) => constraints.every(({ allows }) => allows(value))))
    return `userType is always one of ${quoted(USER_TYPES)}`;
  for (const one of constraints)
    for (const other of constraints) {
      const [low, high] = [one.above, other.below];
      if (low !== undefined && high !== undefined && (low[0] > high[0] || (low[0] === high[0] && !(low[1] && high[1])))) return atOnce([one, other]);
    }
  return null;
}

function constraintOf({ node, isTrue }: Demand): readonly Constraint[] {
  if (node.op === 'value') return [];
  if (node.op === 'in') {
    const [item, list] = node.args;
    const values = list.op === 'list' ? list.args.map(literalOf) : [undefined];
    if (values.includes(undefined) || literalOf(item) !== undefined) return [oneOf(serialize(node), [isTrue], true)];
    return [oneOf(serialize(item), values as readonly Literal[], isTrue)];
  }
  if (!Object.hasOwn(ORDER, node.op)) return [oneOf(serialize(node), [isTrue], true)];
  const said = node.op as Comparison;
  const op = isTrue ? said : OPPOSITE[said];
  const [left, right] = node.args as [ASTNode, ASTNode];
  const [first, second] = [literalOf(left), literalOf(right)];
  if (first !== undefined && second !== undefined) return [];
  if (second !== undefined) return compared(serialize(left), op, second);
  if (first !== undefined) return compared(serialize(right), FLIPPED[op], first);
  const [a, b] = [serialize(left), serialize(right)];
  // The two are sorted, so that a < b and b < a are about the same term.
  const [term, other, relation] = a < b ? [a, b, op] : [b, a, FLIPPED[op]];
  const allowed: readonly number[] = ORDER[relation];
  const phrase = `${relation} ${nameOf(other)}`;
  return [{ term: `${term} ? ${other}`, name: nameOf(term), phrase, only: [-1, 0, 1], allows: (value) => allowed.includes(Number(value)) }];
}

function compared(term: string, op: Comparison, value: Literal): readonly Constraint[] {
  if (op === '==' || op === '!=') return [oneOf(term, [value], op === '==')];
  if (typeof value !== 'number') return [];
  const allowed: readonly number[] = ORDER[op];
  const allows = (other: Literal): boolean => allowed.includes(Math.sign(Number(other) - value));
  const constraint: Constraint = { term, name: nameOf(term), phrase: `${op} ${value}`, only: null, allows };
  const bound = [value, op.endsWith('=')] as const;
  return [op.startsWith('>') ? { ...constraint, above: bound } : { ...constraint, below: bound }];
}

function oneOf(term: string, values: readonly Literal[], isTrue: boolean): Constraint {
  const listed = values.length === 1 ? JSON.stringify(values[0]) : `one of ${quoted(values)}`;
  return {
    term,
    name: nameOf(term),
    phrase: isTrue ? listed : `not ${listed}`,
    only: isTrue ? values : null,
    allows: (value) => values.includes(value) === isTrue,
  };
}

function nameOf(term: string): string {
  return term.replace(/^identity\./, '');
}

function quoted(values: readonly Literal[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}

function literalOf(node: ASTNode): Literal | undefined {
  if (node.op === '-_') {
    const value = literalOf(node.args);
    return typeof value === 'number' ? -value : undefined;
  }
  if (node.op !== 'value') return undefined;
  const value: unknown = node.args;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}
