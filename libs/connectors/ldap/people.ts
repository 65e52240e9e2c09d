import type { AccountRef } from '@tenure/domain';
import { AndFilter, type Client, OrFilter } from 'ldapts';
import type { Failures } from '../failures.ts';
import { equals, type LdapEntry, search } from './entries.ts';
import type { LdapSettings } from './settings.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Milliseconds for which a listing goes on with the ids that its first page found. */
const remembered = 300_000;
const pageSize = 100;

/** A page of entries, in the order of their entryUUID. */
export interface EntryPage {
  readonly entries: readonly LdapEntry[];
  readonly total: number;
  readonly next: string | null;
}

/** Entries of people. */
export interface LdapPeople {
  /** @returns `null` when the directory said that there is none */
  find(client: Client, ref: AccountRef): Promise<LdapEntry | null>;
  page(client: Client, after: string | undefined): Promise<EntryPage>;
}

export function peopleOf(settings: LdapSettings, failures: Failures): LdapPeople {
  const { people: base, idAttribute, externalIdAttribute, disable } = settings;
  const attributes = [
    ...new Set(['entryUUID', idAttribute, externalIdAttribute, ...('attribute' in disable ? [disable.attribute] : []), ...readAttributes(settings)]),
  ];
  const isPerson = equals('objectClass', 'inetOrgPerson');
  let listing: { readonly ids: readonly string[]; readonly until: number } | null = null;

  /**
   * All ids first, then the entries by their ids. The cookie of a paged search holds for one connection and is lost with it;
   * an id as the mark of a page holds across connections and processes, and the number of ids proves that a listing is whole.
   */
  async function idsOf(client: Client, fresh: boolean): Promise<readonly string[]> {
    if (!fresh && listing && listing.until > Date.now()) return listing.ids;
    const found = await search(client, { base, filter: isPerson, attributes: ['entryUUID'], pageSize: 500 }, failures);
    const ids = found.map((entry) => idOf(entry, failures)).sort();
    listing = { ids, until: Date.now() + remembered };
    return ids;
  }

  return {
    async find(client, { nativeId, userName }) {
      if (nativeId !== null && !uuid.test(nativeId)) throw failures.refused('the account id is not one of this directory');
      const wanted = nativeId === null ? equals(idAttribute, userName) : equals('entryUUID', nativeId);
      const [entry, ...others] = await search(client, { base, filter: new AndFilter({ filters: [isPerson, wanted] }), attributes }, failures);
      if (others.length > 0) throw failures.refused('several accounts bear the name');
      return entry ?? null;
    },
    async page(client, after) {
      const ids = await idsOf(client, after === undefined);
      const ahead = after === undefined ? ids : ids.filter((id) => id > after);
      const wanted = ahead.slice(0, pageSize);
      if (wanted.length === 0) return { entries: [], total: ids.length, next: null };
      const filter = new OrFilter({ filters: wanted.map((id) => equals('entryUUID', id)) });
      const entries = await search(client, { base, filter, attributes }, failures);
      return { entries, total: ids.length, next: ahead.length > wanted.length ? (wanted.at(-1) ?? null) : null };
    },
  };
}

/** Account attributes that are read: what Tenure writes there, and when the person was last active. */
export function readAttributes({ attributes, lastActivity }: LdapSettings): readonly string[] {
  return [...Object.keys(attributes), ...(lastActivity === undefined ? [] : [lastActivity])];
}

/** The directory's own id of an entry (RFC 4530). */
export function idOf(entry: LdapEntry, failures: Failures): string {
  const [id] = entry.values['entryuuid'] ?? [];
  if (id === undefined || !uuid.test(id)) throw failures.unavailable('an entry came without its entryUUID');
  return id;
}
