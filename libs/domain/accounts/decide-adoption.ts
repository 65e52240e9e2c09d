import type { CompiledMapping } from './account-mapping.ts';
import { isProvenPart, isProvenSame } from './account-values.ts';
import type { AttributeSchema, AttributeValue, Identity, Instant } from '../identity/facts.ts';
import { type Vouching, whyNobodyVouches } from './vouching.ts';
import type { Adoption } from './adoption.ts';
import { compileExpression } from '../expressions/expressions.ts';
import { ExpressionRefused } from '../expressions/expression-rules.ts';

/**
 * Why no account could ever be adopted by what this expression yields, whoever the person is; `null` when some could, and for an
 * expression that is wrong in itself.
 */
export function whyNeverAdopting(source: string, schema: AttributeSchema): string | null {
  const read = attributesRead(source, schema);
  const unspoken = read?.find((name) => UNSPOKEN.includes(name));
  if (unspoken !== undefined) return `rests on ${unspoken}, for which no source speaks, so it would never adopt an account`;
  return read?.every((name) => NEUTRAL.includes(name)) ? 'rests on no attribute of the person, so it would never adopt an account' : null;
}

/**
 * Decides whether the value that Tenure would write may adopt an account: every attribute of the person that its expression reads is spoken
 * for by a source, and the value is one of them whole or is made of all of them whole. A part of an e-mail address is spoken for by nobody.
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

/** Which kind of person it is decides between values; it is nobody's name. */
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
