import { instantOf } from '../time/dates.ts';
import type { AttributeSchema, AttributeType, AttributeValue, Identity } from './facts.ts';

/** CEL type of each type of attribute. */
export const CEL_TYPES: Readonly<Record<AttributeType, string>> = {
  string: 'string',
  strings: 'list<string>',
  boolean: 'bool',
  number: 'double',
  date: 'google.protobuf.Timestamp',
  instant: 'google.protobuf.Timestamp',
};

/** Properties that every identity has beside its attributes; no attribute may have one of these names. */
export const BUILT_IN_ATTRIBUTES: Readonly<Record<string, AttributeType>> = { userType: 'string', userName: 'string', groups: 'strings' };

/** Attributes with a last day, which ends when the next day begins. */
const LAST_DAYS: readonly string[] = ['endDate', 'leaveEnd'];

/** `identity` in CEL: one own property for each known fact. */
export class IdentityFacts {
  [name: string]: string | number | boolean | readonly string[] | Date;
  constructor(facts: Readonly<Record<string, string | number | boolean | readonly string[] | Date>>) {
    Object.assign(this, facts);
  }
}

/**
 * Facts of an identity for expressions. A day is a timestamp: for `endDate` and `leaveEnd` the end of the day in the person's zone,
 * for every other its start. A fact that does not have the type of the schema (any more) is left out, as if it were absent.
 */
export function identityFacts(identity: Identity, schema: AttributeSchema): IdentityFacts {
  const known = remembered.get(identity);
  if (known?.schema === schema) return known.facts;
  const facts = factsOf(identity, schema);
  remembered.set(identity, { schema, facts });
  return facts;
}

/** Cache: one decision reads the same facts several times, and a plan evaluates two policies for one person. */
const remembered = new WeakMap<Identity, { readonly schema: AttributeSchema; readonly facts: IdentityFacts }>();

function factsOf(identity: Identity, schema: AttributeSchema): IdentityFacts {
  const groups = [...new Set(Object.values(identity.groups).flatMap((asserted) => asserted.groups))].sort();
  const facts: Record<string, string | number | boolean | readonly string[] | Date> = {};
  for (const [name, { type }] of Object.entries(schema)) {
    const attribute = Object.hasOwn(identity.attributes, name) ? identity.attributes[name] : undefined;
    const value = attribute && celValue(attribute.value, type, LAST_DAYS.includes(name) ? 'end' : 'start', identity.timeZone);
    if (value !== undefined) facts[name] = value;
  }
  return new IdentityFacts({ ...facts, userType: identity.userType, userName: identity.userName, groups });
}

function celValue(
  value: AttributeValue,
  type: AttributeType,
  edge: 'start' | 'end',
  timeZone: string,
): string | number | boolean | readonly string[] | Date | undefined {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'number':
      return typeof value === type ? value : undefined;
    case 'strings':
      return Array.isArray(value) ? value : undefined;
    case 'date':
    case 'instant': {
      const at = instantOf(value, edge, timeZone);
      return at === null ? undefined : new Date(at);
    }
  }
}
