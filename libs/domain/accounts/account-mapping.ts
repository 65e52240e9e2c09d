import type { AccountAttributes, TargetMapping } from './account.ts';
import { type Expression, compileExpression } from '../expressions/expressions.ts';
import type { AttributeSchema, AttributeValue, Identity } from '../identity/facts.ts';
import { identityFacts } from '../identity/identity-facts.ts';

/** A target's mapping with compiled expressions. */
export interface CompiledMapping extends TargetMapping {
  readonly schema: AttributeSchema;
  readonly expressions: Readonly<Record<string, Expression>>;
}

/**
 * Compiles the expressions of a target's mapping.
 * @throws ExpressionRefused if an expression is invalid
 */
export function compileMapping(mapping: TargetMapping, schema: AttributeSchema): CompiledMapping {
  const expressions = Object.entries(mapping.attributes).map(([name, source]) => [name, compileExpression(source, 'any', 'identity', schema)]);
  const { name, attributes, rules, adoptBy } = mapping;
  return {
    name,
    attributes,
    ...(rules === undefined ? {} : { rules }),
    ...(adoptBy === undefined ? {} : { adoptBy }),
    schema,
    expressions: Object.fromEntries(expressions),
  };
}

/** Account attributes that a mapping writes for a person. `[]`: no value, so a value that the target still has is removed. */
export function evaluateMapping({ schema, expressions }: CompiledMapping, identity: Identity): AccountAttributes {
  const facts = identityFacts(identity, schema);
  const attributes: Record<string, AttributeValue> = {};
  for (const name of Object.keys(expressions).sort()) {
    const result = expressions[name]?.evaluate({ identity: facts });
    // An expression that fails yields no value: the value in the target stays.
    if (result === undefined || result.kind === 'error') continue;
    attributes[name] = (result.kind === 'value' ? accountValue(result.value) : undefined) ?? [];
  }
  return attributes;
}

/** Value of an expression as an attribute; `undefined`: it has none. */
export function accountValue(value: unknown): AttributeValue | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (!Array.isArray(value)) return undefined;
  const items = value
    .map(accountValue)
    .filter((item) => item !== undefined)
    .map(String);
  return items.length === 0 ? undefined : items;
}
