import { type ASTNode, type Environment, serialize } from '@marcbachmann/cel-js';
import { re2Pattern } from './expression-environment.ts';
import { didYouMean } from '../text/nearest-name.ts';
import { whyNeverTrue } from '../policy/never-true.ts';

/** Properties of an expression: the attributes that it reads, and the instants at which its result changes with time. */
export interface ExpressionParts {
  /** Names `x` of all `identity.x`, sorted. */
  readonly attributes: readonly string[];
  /** Names `x` of all `claims.x`, sorted; `null`: the claims that it reads are known only after evaluation. */
  readonly claims: readonly string[] | null;
  /** Timestamps with which `now` is compared, in CEL; `after`: the result changes just after that instant, not at it. */
  readonly turns: readonly { readonly at: string; readonly after: boolean }[];
  /** Reason why a condition can never be true for any person; `null`: none was found. */
  readonly neverTrue: string | null;
}

/** Error of an expression that parses but that Tenure does not accept; the message is the reason. */
export class ExpressionRefused extends Error {}

const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter', 'bind']);
const COMPARISONS = new Set(['<', '<=', '>', '>=']);
/** Deepest nesting of loops: three nested loops over a long list of groups could keep a processor busy. */
const DEEPEST_LOOP = 2;

/**
 * Walks an expression before it is type-checked and refuses what a type check does not detect.
 * @param attributes valid names after `identity.`
 * @throws ExpressionRefused
 */
export function inspectExpression(ast: ASTNode, attributes: readonly string[], environment: Environment): ExpressionParts {
  const names = new Set<string>();
  const claims = new Set<string>();
  let readsAnyClaim = false;
  const turns: { at: string; after: boolean }[] = [];
  const visit = (node: ASTNode, loops: number): void => {
    const compared = comparedWithNow(node);
    if (compared !== null && loops === 0) {
      turns.push(compared.turn);
      visit(compared.other, loops);
      return;
    }
    if (isIdentifier(node, 'now'))
      throw new ExpressionRefused(
        'now can only be compared (now < identity.endDate), so that the instant at which the answer turns is known; write now > identity.startDate + duration("24h"), not now - identity.startDate',
      );
    const claim = claimRead(node);
    if (claim !== null) {
      claims.add(claim);
      return;
    }
    if (isIdentifier(node, 'claims')) readsAnyClaim = true;
    if (isIdentifier(node, 'identity')) throw new ExpressionRefused('identity is used by its attributes: identity.userType');
    if (node.op === '.' || node.op === '.?') {
      const [receiver, name] = node.args;
      if (isIdentifier(receiver, 'identity')) {
        if (!attributes.includes(name)) throw new ExpressionRefused(`there is no attribute ${name}${didYouMean(name, attributes)}`);
        names.add(name);
        return;
      }
    }
    checkCall(node, environment);
    const isLoop = node.op === 'rcall' && MACROS.has(node.args[0]);
    if (isLoop && loops >= DEEPEST_LOOP)
      throw new ExpressionRefused(`no more than ${DEEPEST_LOOP} loops (all, exists, map, filter) may stand within one another`);
    for (const child of children(node.args)) visit(child, loops + Number(isLoop));
  };
  visit(ast, 0);
  return { attributes: [...names].sort(), claims: readsAnyClaim ? null : [...claims].sort(), turns, neverTrue: whyNeverTrue(ast) };
}

function isIdentifier(node: ASTNode, name: string): boolean {
  return node.op === 'id' && node.args === name;
}

/** Claim that a node reads by its name: `claims.x`, `claims["x"]` (either with `?`), `"x" in claims`. */
function claimRead(node: ASTNode): string | null {
  if (node.op === 'in') return isIdentifier(node.args[1], 'claims') ? literalText(node.args[0]) : null;
  if (node.op === '.' || node.op === '.?') return isIdentifier(node.args[0], 'claims') ? node.args[1] : null;
  if (node.op === '[]' || node.op === '[?]') return isIdentifier(node.args[0], 'claims') ? literalText(node.args[1]) : null;
  return null;
}

function comparedWithNow(node: ASTNode): { turn: { at: string; after: boolean }; other: ASTNode } | null {
  if (!COMPARISONS.has(node.op)) return null;
  const [left, right] = children(node.args);
  if (left === undefined || right === undefined) return null;
  if (isIdentifier(left, 'now')) return { turn: { at: serialize(right), after: node.op === '>' || node.op === '<=' }, other: right };
  if (isIdentifier(right, 'now')) return { turn: { at: serialize(left), after: node.op === '<' || node.op === '>=' }, other: left };
  return null;
}

function checkCall(node: ASTNode, environment: Environment): void {
  if (node.op !== 'call' && node.op !== 'rcall') return;
  const name = node.args[0];
  const literal = literalText(node.op === 'call' ? node.args[1][0] : node.args[2][0]);
  if (name === 'matches')
    throw new ExpressionRefused('matches is not available, because some patterns would never end; use like("*@contoso.example") or matchesRe2("^[a-z]+$")');
  if (name === 'matchesRe2') checkPattern(literal);
  if (node.op === 'call' && (name === 'duration' || name === 'timestamp') && literal !== null) {
    try {
      environment.evaluate(`${name}(${JSON.stringify(literal)})`);
    } catch {
      throw new ExpressionRefused(
        name === 'duration'
          ? `duration("${literal}") is none; write it like duration("2160h") or duration("90m")`
          : `timestamp("${literal}") is none; write it like timestamp("2026-03-01T00:00:00Z")`,
      );
    }
  }
}

function checkPattern(pattern: string | null): void {
  if (pattern === null) throw new ExpressionRefused('the pattern of matchesRe2 must be a text in quotes');
  try {
    re2Pattern(pattern);
  } catch {
    throw new ExpressionRefused(`matchesRe2("${pattern}") is no pattern that RE2 takes`);
  }
}

function literalText(node: ASTNode | undefined): string | null {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : null;
}

/** Child nodes in the arguments of an operator, which may be nested lists. */
function children(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(children);
  return isNode(args) ? [args] : [];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
