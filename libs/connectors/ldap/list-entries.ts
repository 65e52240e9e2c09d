import { ConnectorUnavailable } from '@tenure/domain';
import type { Client } from 'ldapts';
import type { AccountPage } from '../connector.ts';
import type { Failures } from '../failures.ts';
import { listedQuestions } from '../listed-questions.ts';
import { accountStateOf } from './account-state.ts';
import { type EntryReader, entryReaderOf } from './entry-reader.ts';
import { type GroupMembers, readGroupMembers } from './group-members.ts';
import type { LdapGroups } from './groups.ts';
import type { AccountMark } from './mark.ts';
import type { LdapPeople, PeopleIds } from './people.ts';
import type { LdapPool } from './pool.ts';
import type { LdapSettings } from './settings.ts';

interface Parts {
  readonly pool: LdapPool;
  readonly mark: AccountMark;
  readonly people: LdapPeople;
  readonly groups: LdapGroups;
}

/** Data that a listing reads before its first page, and goes on with for some time. */
interface Listing extends PeopleIds {
  /** Members of all groups; `null`: each account is searched for in the groups. */
  readonly members: GroupMembers | null;
  readonly until: number;
}

/** Milliseconds for which a listing continues with the ids and members that its first page found. */
const remembered = 300_000;
const pageSize = 500;

/**
 * Lists entries in the order of their entryUUID. Ids of all entries are read first; the entries are then read by their ids. The cookie of a paged search is
 * valid for one connection and lost with it; an id as the token of a page is valid across connections and processes, and the number of ids proves that a
 * listing is complete. Members of groups are read once, too.
 */
export function listsEntriesOf(
  settings: LdapSettings,
  { pool, mark, people, groups }: Parts,
  failures: Failures,
): (after: string | undefined, entitlements: readonly string[]) => Promise<AccountPage> {
  let listing: Listing | null = null;
  /** False if the members of one group are more than an answer may have: then accounts are searched for in the groups. */
  let canReadMembers = true;

  async function begun(client: Client, isFirst: boolean, renew: () => void): Promise<Listing> {
    if (!isFirst && listing !== null && listing.until > Date.now()) return listing;
    await groups.check(client);
    const found = await people.ids(client, renew);
    const members = canReadMembers ? await readGroupMembers(client, settings, renew) : null;
    listing = { ...found, members, until: Date.now() + remembered };
    return listing;
  }

  function readerFor(members: GroupMembers | null): EntryReader {
    const anyHas = new Map<string, Promise<boolean>>();
    const asked: LdapPeople = {
      ...people,
      anyHas(client, attribute) {
        const known = anyHas.get(attribute) ?? people.anyHas(client, attribute);
        anyHas.set(attribute, known);
        return known;
      },
    };
    const read: LdapGroups =
      members === null
        ? groups
        : { ...groups, holding: async (_client, dn) => members.holding(dn), holds: async (_client, groupDn, dn) => members.holds(groupDn, dn) };
    return entryReaderOf(settings, { mark, people: asked, groups: read, state: accountStateOf(settings, asked, read, failures) }, failures);
  }

  const page = (after: string | undefined, entitlements: readonly string[]): Promise<AccountPage> =>
    pool.use(async (client, renew): Promise<AccountPage> => {
      const current = await begun(client, after === undefined, renew);
      const { ids, doubt, members } = current;
      const begin = after === undefined ? 0 : firstAfter(ids, after);
      const wanted = ids.slice(begin, begin + pageSize);
      const entries = wanted.length === 0 ? [] : await people.withIds(client, wanted);
      renew();
      // What was deleted since the ids were read does not count; what is only hidden is missed by whoever knows of it.
      const total = current.total === null ? null : current.total - (wanted.length - entries.length);
      listing = { ...current, total };
      const read = readerFor(members);
      const questions = listedQuestions(entitlements);
      const items = await Promise.all(entries.map((entry) => read(client, { entry, isElsewhere: false }, null, questions)));
      return { items, total, next: begin + pageSize < ids.length ? (wanted.at(-1) ?? null) : null, isByPosition: false, doubt };
    });

  return (after, entitlements) =>
    page(after, entitlements).catch((error: unknown) => {
      if (!canReadMembers || !(error instanceof ConnectorUnavailable) || error.details['reason'] !== 'too-large') throw error;
      canReadMembers = false;
      listing = null;
      return page(after, entitlements);
    });
}

/** Position of the first id after this one, which may be gone. */
function firstAfter(ids: readonly string[], after: string): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? '') <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}
