import type { AccountAttributes, AttributeValue } from '@tenure/domain';
import { type Client, type Entry, EqualityFilter, type Filter, PresenceFilter } from 'ldapts';
import type { Failures } from '../failures.ts';
import { isResult, resultCode } from './failures.ts';

/** An entry with its values by lower-cased attribute name; an attribute without values is absent. */
export interface LdapEntry {
  readonly dn: string;
  readonly values: Readonly<Record<string, readonly string[]>>;
}

/** Filter, place and limits of a search. */
export interface Search {
  readonly base: string;
  /** `base`: the base alone, where only a found entry counts. Default: the base and all below it. */
  readonly scope?: 'base';
  readonly filter: Filter;
  readonly attributes: readonly string[];
  /** Page size, for answers that may be long. */
  readonly pageSize?: number;
  /** Called after each page. */
  readonly onPage?: () => void;
  /** Sufficient number of entries, where only found entries count. */
  readonly atMost?: number;
}

/**
 * Reason for which entries may be missing from an answer. `referral`: another directory, which is never asked, has a part of the branch.
 * `size-limit`: there are more than the directory returns. `not-readable`: the branch is absent or unreadable, which looks like an empty one.
 */
export type Doubt = 'referral' | 'size-limit' | 'not-readable';

/** Result of a search. Found entries count in any case; a doubt concerns only the absence of an entry. */
export interface Answer {
  readonly entries: readonly LdapEntry[];
  /** Reason for which entries may be missing; `null`: the answer is complete. */
  readonly doubt: Doubt | null;
}

/** Size limit of the request where the directory returns fewer entries than there are. */
const some = 10_000;

/** Searches a branch. An empty result counts only if the branch itself is readable. */
export async function search(client: Client, wanted: Search): Promise<Answer> {
  const { base, scope = 'sub' as const, filter, attributes, pageSize, onPage, atMost } = wanted;
  const options = { scope, filter, attributes: [...attributes] };
  try {
    const limited = atMost ? { ...options, sizeLimit: atMost } : options;
    const pages = pageSize ? client.searchPaginated(base, { ...limited, paged: { pageSize } }) : [client.search(base, limited)];
    const entries: LdapEntry[] = [];
    let references = 0;
    for await (const { searchEntries, searchReferences } of pages) {
      for (const entry of searchEntries) entries.push(toEntry(entry));
      references += searchReferences.length;
      onPage?.();
    }
    if (references > 0) return { entries, doubt: 'referral' };
    const isSure = entries.length > 0 || scope === 'base' || atMost !== undefined || (await isReadable(client, base));
    return { entries, doubt: isSure ? null : 'not-readable' };
  } catch (error) {
    if (isResult(error, resultCode.noSuchObject, resultCode.insufficientAccessRights)) return { entries: [], doubt: 'not-readable' };
    if (isResult(error, resultCode.referral)) return { entries: [], doubt: 'referral' };
    if (isResult(error, resultCode.adminLimitExceeded)) return { entries: [], doubt: 'size-limit' };
    if (!isResult(error, resultCode.sizeLimitExceeded)) throw error;
    // With a limit in the request, the client returns the entries up to the directory's limit.
    const { searchEntries } = await client.search(base, { ...options, sizeLimit: some });
    return { entries: searchEntries.map(toEntry), doubt: 'size-limit' };
  }
}

/** Searches several branches, which may be nested. */
export async function searchAll(client: Client, bases: readonly string[], wanted: Omit<Search, 'base'>): Promise<Answer> {
  const answers: Answer[] = [];
  for (const base of bases) answers.push(await search(client, { ...wanted, base }));
  const entries = new Map(answers.flatMap((answer) => answer.entries).map((entry) => [entry.dn, entry]));
  return { entries: [...entries.values()], doubt: answers.find(({ doubt }) => doubt !== null)?.doubt ?? null };
}

/** Checks that the searched branches are readable. @throws ConnectorUnavailable when one is not */
export function mustBeReadable(answer: Answer, failures: Failures): Answer {
  if (answer.doubt !== 'not-readable') return answer;
  const message = `a branch of the directory is not there or cannot be read (result code 32): check people and groups of targets.${failures.target}`;
  throw failures.unavailable(message, { reason: 'LDAP_32', step: 'rights' });
}
async function isReadable(client: Client, base: string): Promise<boolean> {
  const { searchEntries } = await client
    .search(base, { scope: 'base', filter: new PresenceFilter({ attribute: 'objectClass' }), attributes: ['1.1'] })
    .catch((error: unknown) => {
      if (isResult(error, resultCode.noSuchObject, resultCode.insufficientAccessRights)) return { searchEntries: [] };
      throw error;
    });
  return searchEntries.length > 0;
}

/** Converts an entry. A value that is not UTF-8 is decoded approximately: it differs from any value that Tenure writes, and is no error. */
function toEntry({ dn, ...attributes }: Entry): LdapEntry {
  const values = Object.entries(attributes).flatMap(([name, value]): readonly (readonly [string, readonly string[]])[] => {
    const texts = [value].flat().map((each) => (Buffer.isBuffer(each) ? each.toString('utf8') : each));
    return texts.length === 0 ? [] : [[name.toLowerCase(), texts]];
  });
  return { dn, values: Object.fromEntries(values) };
}

/** Values of one attribute. */
export function valuesOf(entry: LdapEntry, attribute: string): readonly string[] {
  return entry.values[attribute.toLowerCase()] ?? [];
}

/** Filter `(attribute=value)`, for any value: it is sent as it is, and never parsed as part of a filter. */
export const equals = (attribute: string, value: string): Filter => new EqualityFilter({ attribute, value });

/** Filter `(attribute=*)`: matches entries with a searchable value. */
export const has = (attribute: string): Filter => new PresenceFilter({ attribute });

/** Values as the directory stores them. None: the attribute is removed, since it cannot be empty there. */
export function toValues(value: AttributeValue): string[] {
  const values = [value].flat().map((item) => (typeof item === 'boolean' ? String(item).toUpperCase() : String(item)));
  return [...new Set(values)].filter((text) => text !== '');
}

/** Attributes of an entry under these names: one value as text, several as a sorted list. */
export function attributesOf(entry: LdapEntry, names: readonly string[]): AccountAttributes {
  const found = names.flatMap((name): readonly (readonly [string, AttributeValue])[] => {
    const values = valuesOf(entry, name);
    const [first] = values;
    if (first === undefined) return [];
    return [[name, values.length === 1 ? first : [...values].sort()]];
  });
  return Object.fromEntries(found);
}
