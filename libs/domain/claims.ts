import { checkFacts } from './check-facts.ts';
import { InputInvalid } from './errors.ts';
import { type Expression, type ExpressionType, compileExpression } from './expressions.ts';
import type { AttributeSchema, Facts } from './facts.ts';
import { normalText } from './plain-text.ts';

/** What a login or record says, before it is mapped: SAML attributes as lists of texts, OpenID claims as JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** Attribute to compiled CEL over `claims`. */
export interface ClaimsMapping {
  readonly schema: AttributeSchema;
  readonly expressions: Readonly<Record<string, Expression>>;
  /** Attributes that say whose a record is. */
  readonly keys: readonly string[];
}

/**
 * Compiles a provider's attribute mapping.
 * @throws ExpressionRefused when an expression is wrong
 */
export function compileClaims(expressions: Readonly<Record<string, string>>, schema: AttributeSchema, keys: readonly string[] = []): ClaimsMapping {
  const compiled = Object.entries(expressions).map(([name, source]) => [name, compileExpression(source, 'any', 'assertion', schema)]);
  return { schema, expressions: Object.fromEntries(compiled), keys };
}

/**
 * The facts that claims state. A claim that is absent leaves its attribute out; an empty one gives `null`.
 * @throws InputInvalid when a claim does not fit its attribute's type: a date that cannot be read must not become "no end"
 */
export function mapClaims(mapping: ClaimsMapping, claims: Claims): Facts {
  const stated: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const [name, expression] of Object.entries(mapping.expressions)) {
    const result = expression.evaluate({ claims });
    if (result.kind === 'error') wrong.push(name);
    else if (result.kind !== 'absent') stated[name] = result.kind === 'empty' ? null : result.value;
  }
  const { facts, problems } = checkFacts(stated, mapping.schema, mapping.keys);
  const names = [...wrong, ...problems.map(({ attribute }) => attribute)].sort();
  if (names.length > 0) throw new InputInvalid(`claims do not fit the type of: ${names.join(', ')}`, { attributes: names.join(',') });
  return facts;
}

/** True: the claims state an attribute in exactly these characters. Another spelling with the same result, such as a look-alike address, does not count. */
export function statesExactly(mapping: ClaimsMapping, name: string, claims: Claims, value: unknown): boolean {
  const result = Object.hasOwn(mapping.expressions, name) ? mapping.expressions[name]?.evaluate({ claims }) : undefined;
  const stated: unknown = result?.kind === 'value' ? result.value : null;
  return value === (Array.isArray(stated) && stated.length === 1 ? stated[0] : stated);
}

/** True: a CEL expression over `claims` (of type bool) evaluates to true. An absent claim or an error means false. */
export function claimHolds(source: string, claims: Claims): boolean {
  const result = claimsExpression(source, 'bool').evaluate({ claims });
  return result.kind === 'value' && result.value === true;
}

/** The groups that CEL over `claims` yields, trimmed and in NFC. `null`: absent, so nothing is said of groups. */
export function claimGroups(source: string, claims: Claims): readonly string[] | null {
  const result = claimsExpression(source, 'strings').evaluate({ claims });
  if (result.kind === 'empty') return [];
  if (result.kind !== 'value') return null;
  if (result.value === null || result.value === '') return [];
  const values: readonly unknown[] = Array.isArray(result.value) ? result.value : [result.value];
  const groups = values.filter((value) => typeof value === 'string').map(normalText);
  return [...new Set(groups.filter((group) => group !== ''))].sort();
}

/** The text that CEL over `claims` yields; `null` when absent, empty or no text. */
export function claimText(source: string, claims: Claims): string | null {
  const result = claimsExpression(source, 'string').evaluate({ claims });
  return result.kind === 'value' && typeof result.value === 'string' && result.value !== '' ? result.value : null;
}

const NO_ATTRIBUTES: AttributeSchema = {};
/** Sources come from configuration, so there are few. */
const compiled = new Map<string, Expression>();

function claimsExpression(source: string, type: ExpressionType): Expression {
  const key = `${type} ${source}`;
  const expression = compiled.get(key) ?? compileExpression(source, type, 'assertion', NO_ATTRIBUTES);
  compiled.set(key, expression);
  return expression;
}
