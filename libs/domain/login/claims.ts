import { checkFacts } from '../identity/check-facts.ts';
import { InputInvalid } from '../errors.ts';
import { type Expression, compileExpression } from '../expressions/expressions.ts';
import type { AttributeSchema, Facts } from '../identity/facts.ts';
import { isPlainText, normalText } from '../text/plain-text.ts';

/** Claims of a login or record before they are mapped: SAML attributes as lists of texts, OpenID claims as JSON. */
export type Claims = Readonly<Record<string, unknown>>;

/** Mapping of attributes to compiled CEL over `claims`. */
export interface ClaimsMapping {
  readonly schema: AttributeSchema;
  readonly expressions: Readonly<Record<string, Expression>>;
  /** Attributes that identify the person of a record. */
  readonly keys: readonly string[];
}

/**
 * Compiles a provider's attribute mapping.
 * @throws ExpressionRefused if an expression is invalid
 */
export function compileClaims(expressions: Readonly<Record<string, string>>, schema: AttributeSchema, keys: readonly string[] = []): ClaimsMapping {
  const compiled = Object.entries(expressions).map(([name, source]) => [name, compileExpression(source, 'any', 'assertion', schema)]);
  return { schema, expressions: Object.fromEntries(compiled), keys };
}

/**
 * Maps claims to facts. An absent claim leaves its attribute out; an empty one gives `null`.
 * @throws InputInvalid if a claim does not match the type of its attribute: an unreadable date must not become "no end"
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
  if (names.length > 0) throw claimsUnfitting(names);
  return facts;
}

/** True if the claims state an attribute in exactly these characters. Another spelling with the same result, such as a look-alike, differs. */
export function statesExactly(mapping: ClaimsMapping, name: string, claims: Claims, value: unknown): boolean {
  const result = Object.hasOwn(mapping.expressions, name) ? mapping.expressions[name]?.evaluate({ claims }) : undefined;
  const stated: unknown = result?.kind === 'value' ? result.value : null;
  return value === (Array.isArray(stated) && stated.length === 1 ? stated[0] : stated);
}

/** True if a CEL expression over `claims` (of type bool) evaluates to true. An absent claim or an error means false. */
export function claimHolds(expression: Expression, claims: Claims): boolean {
  const result = expression.evaluate({ claims });
  return result.kind === 'value' && result.value === true;
}

/**
 * Returns the groups that CEL over `claims` yields as a list of texts or as one text, trimmed and in NFC. An empty list or text: none.
 * @returns `null` if the claims that it reads are absent
 * @throws InputInvalid for any other shape: an object or a number must not become "none"
 */
export function claimGroups(expression: Expression, claims: Claims): readonly string[] | null {
  const result = expression.evaluate({ claims });
  if (result.kind === 'absent') return null;
  const value = result.kind === 'empty' ? [] : result.kind === 'value' ? (result.value ?? []) : {};
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!values.every((one) => typeof one === 'string' && isPlainText(one))) throw claimsUnfitting(['groups']);
  return [...new Set(values.map((one) => normalText(String(one))).filter((group) => group !== ''))].sort();
}

/** Text that CEL over `claims` yields; `null` if it is absent, empty or not a text. */
export function claimText(expression: Expression, claims: Claims): string | null {
  const said = readClaimText(expression, claims);
  return said.kind === 'text' && said.text !== '' ? said.text : null;
}

/** Reads a text from claims by a CEL expression: a text, or the only one of a list. `unfitting`: the value has another shape. */
export function readClaimText(
  expression: Expression,
  claims: Claims,
): { readonly kind: 'absent' } | { readonly kind: 'text'; readonly text: string } | { readonly kind: 'unfitting' } {
  const result = expression.evaluate({ claims });
  if (result.kind === 'absent') return { kind: 'absent' };
  if (result.kind === 'error') return { kind: 'unfitting' };
  const value = result.kind === 'empty' ? [] : (result.value ?? '');
  const [text = '', ...more]: readonly unknown[] = Array.isArray(value) ? value : [value];
  return typeof text === 'string' && isPlainText(text) && more.length === 0 ? { kind: 'text', text: normalText(text) } : { kind: 'unfitting' };
}

/** Error for claims that do not match the type to which they are mapped. It has names only, no values. */
export function claimsUnfitting(names: readonly string[]): InputInvalid {
  return new InputInvalid(`claims do not fit the type of: ${names.join(', ')}`, { attributes: names.join(',') });
}
