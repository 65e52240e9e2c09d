import type { AccountRef } from '@tenure/domain';
import { AndFilter, type Client, OrFilter } from 'ldapts';
import type { Failures } from '../failures.ts';
import { type Answer, type Doubt, equals, has, type LdapEntry, mustBeReadable, search, searchAll } from './entries.ts';
import { notVisible } from './failures.ts';
import { idOf, isUuid } from './ids.ts';
import type { AccountMark } from './mark.ts';
import { wholeDirectory } from './naming-contexts.ts';
import { childDn, isSameDn } from './names.ts';
import type { LdapSettings } from './settings.ts';

/** Maximum number of stored ids of deleted entries, which are needed until their accounts are read back. */
const mostDeleted = 1000;
const nobody = '00000000-0000-0000-0000-000000000000';

/** An entry of a person, with its place. */
export interface FoundPerson {
  readonly entry: LdapEntry;
  /** True if it was found by its id outside the branches of people. */
  readonly isElsewhere: boolean;
}

/** Ids of all entries of people, in their order. */
export interface PeopleIds {
  readonly ids: readonly string[];
  /** Total number of entries; `null`: the directory does not show that there are no more. */
  readonly total: number | null;
  /** Reason for which there may be more; `null`: the directory showed all. */
  readonly doubt: Doubt | null;
}

/** Entries of people. */
export interface LdapPeople {
  /** Finds an entry by id wherever it is now, else by user name below `people`. @returns `null` when the directory showed that there is none */
  find(client: Client, ref: AccountRef): Promise<FoundPerson | null>;
  /** True if an entry outside the branches of people has the user name, as far as the bind DN has access. */
  isNameTaken(client: Client, userName: string): Promise<boolean>;
  /** DNs with which entries of this user name are created, or were created before. */
  usualDns(userName: string): readonly string[];
  /**
   * DNs without an entry that may still be members of groups for an account: the usual ones and earlier observed ones, after the entry was
   * renamed, moved or deleted in a directory that does not update its groups.
   */
  formerDns(client: Client, ref: AccountRef, entry: LdapEntry | null): Promise<readonly string[]>;
  /** True if the directory shows this attribute of at least one person. */
  anyHas(client: Client, attribute: string): Promise<boolean>;
  /** Records that the directory has deleted the entry with this id: its absence needs no other proof. */
  deleted(id: string): void;
  /** Reads the ids of all entries. @param onPage called after each page of them */
  ids(client: Client, onPage: () => void): Promise<PeopleIds>;
  /** Reads the entries with these ids; those that are gone are left out. */
  withIds(client: Client, ids: readonly string[]): Promise<readonly LdapEntry[]>;
  /** Checks that the branches of people are readable. @throws ConnectorUnavailable when one is not */
  check(client: Client): Promise<void>;
}

export function peopleOf(settings: LdapSettings, mark: AccountMark, failures: Failures): LdapPeople {
  const { people: bases, idAttribute, disable } = settings;
  const attributes = [
    ...new Set(['entryUUID', idAttribute, ...mark.attributes, ...('attribute' in disable ? [disable.attribute] : []), ...readAttributes(settings)]),
  ];
  const isPerson = new AndFilter({ filters: [equals('objectClass', 'inetOrgPerson'), has(idAttribute)] });
  const gone = new Set<string>();
  /** The only entry of an answer; `null`: none. @throws ConnectorRefused for several */
  function only({ entries }: Answer): LdapEntry | null {
    const [entry, ...others] = entries;
    if (others.length > 0) throw failures.refused('several accounts bear the name');
    return entry ?? null;
  }

  async function byName(client: Client, userName: string): Promise<FoundPerson | null> {
    const answer = mustBeReadable(await searchAll(client, bases, { filter: equals(idAttribute, userName), attributes }), failures);
    const entry = only(answer);
    if (entry !== null) return { entry, isElsewhere: false };
    if (answer.doubt !== null) throw notSeen(answer.doubt, 'people');
    return null;
  }

  async function byId(client: Client, id: string): Promise<FoundPerson | null> {
    const filter = equals('entryUUID', id);
    const here = await searchAll(client, bases, { filter, attributes });
    const entry = only(here);
    if (entry !== null) return { entry, isElsewhere: false };
    if (gone.has(id.toLowerCase())) return null;
    const everywhere = await wholeDirectory(client, settings);
    const elsewhere = await searchAll(client, everywhere, { filter, attributes });
    const moved = only(elsewhere);
    if (moved !== null) return { entry: moved, isElsewhere: true };
    mustBeReadable(here, failures);
    if (here.doubt !== null) throw notSeen(here.doubt, 'people');
    if (elsewhere.doubt !== null) throw notSeen(elsewhere.doubt, 'lookBelow');
    if (everywhere.length === 0) {
      const remedy = `name the branches in which it may lie in targets.${failures.target}.lookBelow`;
      throw notVisible(failures, 'no-naming-context', `the account is not below people, and the directory does not name its naming contexts: ${remedy}`);
    }
    return null;
  }

  function notSeen(doubt: Doubt, setting: 'people' | 'lookBelow'): Error {
    const where = setting === 'people' ? 'below people' : 'in the naming context';
    const remedy = `name branches without it in targets.${failures.target}.${setting}`;
    switch (doubt) {
      case 'referral':
        return notVisible(
          failures,
          doubt,
          `the account was not found, and a part of what is ${where} is on another server, which Tenure does not ask: ${remedy}`,
        );
      case 'not-readable':
        return notVisible(
          failures,
          doubt,
          `the account is not below people, and the bind DN may not search the naming context, where it may have been moved to: give it that right, or name the branches in which accounts may lie in targets.${failures.target}.lookBelow`,
        );
      case 'size-limit':
        return notVisible(failures, doubt, 'the account was not found in an answer that the directory cut short: raise its limits for the bind DN');
    }
  }

  const usualDns = (userName: string): readonly string[] =>
    [...new Set([settings.createBelow, ...bases])].map((place) => childDn(idAttribute, userName, place));

  return {
    async find(client, { nativeId, userName }) {
      if (nativeId === null) return byName(client, userName);
      if (!isUuid(nativeId)) throw failures.refused('the account id is not one of this directory');
      return byId(client, nativeId);
    },
    async isNameTaken(client, userName) {
      const { entries } = await searchAll(client, await wholeDirectory(client, settings), {
        filter: equals(idAttribute, userName),
        attributes: ['1.1'],
        atMost: 1,
      });
      return entries.length > 0;
    },
    usualDns,
    async formerDns(client, { userName, memberNames = [] }, entry) {
      const usual = usualDns(userName);
      const places = [...usual, ...memberNames.filter((dn) => !usual.some((place) => isSameDn(place, dn)))];
      const free: string[] = [];
      for (const dn of places.filter((place) => entry === null || !isSameDn(entry.dn, place))) {
        const { entries } = await search(client, { base: dn, scope: 'base', filter: has('objectClass'), attributes: ['1.1'] });
        if (entries.length === 0) free.push(dn);
      }
      return free;
    },
    async anyHas(client, attribute) {
      const filter = new AndFilter({ filters: [isPerson, has(attribute)] });
      const { entries } = await searchAll(client, bases, { filter, attributes: ['1.1'], atMost: 1 });
      return entries.length > 0;
    },
    deleted(id) {
      const [oldest] = gone;
      if (gone.size >= mostDeleted && oldest !== undefined) gone.delete(oldest);
      gone.add(id.toLowerCase());
    },
    async ids(client, onPage) {
      const found = mustBeReadable(await searchAll(client, bases, { filter: isPerson, attributes: ['entryUUID'], pageSize: 1000, onPage }), failures);
      if (found.doubt === 'size-limit') throw failures.refused('it answers with fewer entries than there are: raise its size limit for the bind DN');
      const ids = found.entries.map((entry) => idOf(entry, failures)).sort();
      return { ids, total: found.doubt === null ? ids.length : null, doubt: found.doubt };
    },
    async withIds(client, ids) {
      const filter = new OrFilter({ filters: ids.map((id) => equals('entryUUID', id)) });
      const { entries } = mustBeReadable(await searchAll(client, bases, { filter, attributes }), failures);
      return entries;
    },
    async check(client) {
      mustBeReadable(await searchAll(client, bases, { filter: equals('entryUUID', nobody), attributes: ['1.1'] }), failures);
    },
  };
}

/** Account attributes that are read: those that Tenure writes, and the last activity of the person. */
export function readAttributes({ attributes, lastActivity }: LdapSettings): readonly string[] {
  return [...Object.keys(attributes), ...(lastActivity === undefined ? [] : [lastActivity])];
}
