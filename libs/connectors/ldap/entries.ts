import type { AccountAttributes, AttributeValue } from '@tenure/domain';
import { Ajv, type ValidateFunction } from 'ajv';
import { type Client, type Entry, type Filter, PresenceFilter, EqualityFilter } from 'ldapts';
import type { Failures } from '../failures.ts';
import { isResult, resultCode } from './failures.ts';

/** An entry with its values by lower-cased attribute name; an attribute without values is absent. */
export interface LdapEntry {
  readonly dn: string;
  readonly values: Readonly<Record<string, readonly string[]>>;
}

const isEntry: ValidateFunction<Entry> = new Ajv({ allowUnionTypes: true }).compile({
  type: 'object',
  required: ['dn'],
  properties: { dn: { type: 'string', minLength: 1 } },
  additionalProperties: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
});

/** What a search is for, and where. */
export interface Search {
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  /** Reads in pages of this size, when the answer may be long. */
  readonly pageSize?: number;
}

/**
 * Searches a branch. Finding nothing is only believed when the branch itself can be read: a lost right, a replica that is not
 * filled yet and a wrong base look just like an empty branch.
 */
export async function search(client: Client, { base, filter, attributes, pageSize }: Search, failures: Failures): Promise<readonly LdapEntry[]> {
  const found = await client
    .search(base, { scope: 'sub', filter, attributes: [...attributes], ...(pageSize ? { paged: { pageSize } } : {}) })
    .catch((error: unknown) => {
      if (isResult(error, resultCode.noSuchObject)) throw failures.unavailable(missing(base, failures), { reason: 'LDAP_32', step: 'rights' });
      if (isResult(error, resultCode.sizeLimitExceeded)) {
        throw failures.refused('it answers with fewer entries than there are: raise its size limit for the bind DN');
      }
      throw error;
    });
  if (found.searchReferences.length > 0) throw failures.unavailable('it refers to another directory, which is never followed');
  if (found.searchEntries.length === 0) await assertReadable(client, base, failures);
  return found.searchEntries.map((entry) => {
    if (!isEntry(entry)) throw failures.unavailable('an entry in its answer is not readable');
    return toEntry(entry);
  });
}

/** @throws ConnectorUnavailable when the entry of this DN cannot be read */
export async function assertReadable(client: Client, base: string, failures: Failures): Promise<void> {
  const { searchEntries } = await client
    .search(base, { scope: 'base', filter: new PresenceFilter({ attribute: 'objectClass' }), attributes: ['1.1'] })
    .catch((error: unknown) => {
      if (isResult(error, resultCode.noSuchObject)) return { searchEntries: [] };
      throw error;
    });
  if (searchEntries.length === 0) throw failures.unavailable(missing(base, failures), { reason: 'LDAP_32', step: 'rights' });
}

/** DNs of branches are settings, not people. */
function missing(base: string, { target }: Failures): string {
  return `the branch ${base} is not there, or the bind DN may not read it (result code 32): check people and groups of targets.${target}`;
}

function toEntry({ dn, ...attributes }: Entry): LdapEntry {
  const values = Object.entries(attributes).flatMap(([name, value]): readonly (readonly [string, readonly string[]])[] => {
    const texts = [value].flat().map(String);
    return texts.length === 0 ? [] : [[name.toLowerCase(), texts]];
  });
  return { dn, values: Object.fromEntries(values) };
}

/** `(attribute=value)`, whatever the value is made of: it is sent as it is, and never read as part of a filter. */
export const equals = (attribute: string, value: string): Filter => new EqualityFilter({ attribute, value });

/** Values as the directory stores them. No value at all means: remove the attribute (it cannot be empty there). */
export function toValues(value: AttributeValue): string[] {
  const values = [value].flat().map((item) => (typeof item === 'boolean' ? String(item).toUpperCase() : String(item)));
  return [...new Set(values)].filter((text) => text !== '');
}

/** The named attributes of an entry, under the names given: one value as text, several as a sorted list. */
export function attributesOf(entry: LdapEntry, names: readonly string[]): AccountAttributes {
  const found = names.flatMap((name): readonly (readonly [string, AttributeValue])[] => {
    const values = entry.values[name.toLowerCase()];
    const [first] = values ?? [];
    if (!values || first === undefined) return [];
    return [[name, values.length === 1 ? first : [...values].sort()]];
  });
  return Object.fromEntries(found);
}
