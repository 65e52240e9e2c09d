import type { CompiledMapping } from './account-mapping.ts';
import { isProvenPart, isProvenSame } from './account-values.ts';
import type { AttributeSchema, AttributeValue, Identity, Instant } from '../identity/facts.ts';
import { type Vouching, whyNobodyVouches } from './vouching.ts';
import type { Adoption } from './adoption.ts';
import { compileExpression } from '../expressions/expressions.ts';
import { ExpressionRefused } from '../expressions/expression-rules.ts';

/**
 * Reason why the value of this expression could never adopt an account of any person; `null` if it could, and for an
 * expression that is itself invalid.
 */
export function whyNeverAdopting(source: string, schema: AttributeSchema): string | null {
  const read = attributesRead(source, schema);
  const unspoken = read?.find((name) => UNSPOKEN.includes(name));
  if (unspoken !== undefined) return `rests on ${unspoken}, for which no source speaks, so it would never adopt an account`;
  return read?.every((name) => NEUTRAL.includes(name)) ? 'rests on no attribute of the person, so it would never adopt an account' : null;
}

/**
 * Decides whether the value that Tenure would write may adopt an account: a source vouches for every attribute of the person that its expression
 * reads, and the value is one whole attribute or composed of all of them as a whole. No source vouches for a part of an e-mail address.
 */
export function decideAdoption(
  mapping: CompiledMapping & { readonly adoptBy: string },
  value: AttributeValue | undefined,
  identity: Identity,
  vouching: Vouching,
  now: Instant,
): Adoption {
  const { adoptBy: attribute } = mapping;
  const refuse = (refused: string): Adoption => ({ attribute, refused });
  const values = value === undefined ? [] : [value].flat();
  if (values.length === 0 || values.every((item) => item === '')) return refuse(`the person has no value for ${attribute}`);
  const read = (mapping.expressions[attribute]?.attributes ?? []).filter((name) => !NEUTRAL.includes(name));
  const restsOn: string[] = [];
  for (const name of read) {
    if (UNSPOKEN.includes(name)) return refuse(`${attribute} rests on ${name}, for which no source speaks`);
    const fact = Object.hasOwn(identity.attributes, name) ? identity.attributes[name] : undefined;
    if (fact === undefined) continue;
    const why = whyNobodyVouches(name, fact, identity, vouching, now);
    if (why !== null) return refuse(why);
    restsOn.push(name);
  }
  const facts = restsOn.flatMap((name) => identity.attributes[name]?.value ?? []);
  if (facts.length === 0) return refuse(`${attribute} rests on nothing that a source says of the person`);
  const isWhole = (item: string | number | boolean): boolean => facts.some((fact) => isOneOf(item, fact)) || facts.every((fact) => isProvenPart(fact, item));
  return values.every(isWhole) ? { attribute, restsOn } : refuse(`${attribute} is only a part of the person's ${restsOn.join(' and ')}`);
}

/** Attributes that may select between values and identify nobody. */
const NEUTRAL = ['userType'];

/** Attributes that no source vouches for: Tenure assigns the user name, and a login asserts the groups. */
const UNSPOKEN = ['userName', 'groups'];

function attributesRead(source: string, schema: AttributeSchema): readonly string[] | null {
  try {
    return compileExpression(source, 'any', 'identity', schema).attributes;
  } catch (error) {
    if (error instanceof ExpressionRefused) return null;
    throw error;
  }
}

function isOneOf(item: AttributeValue, fact: AttributeValue): boolean {
  return [fact].flat().some((one) => isProvenSame(one, item, { compare: 'caseless' }));
}
