import type { Client } from 'ldapts';
import { equals, has, search, searchAll, valuesOf } from './entries.ts';
import type { FoundGroups, LdapGroup } from './groups.ts';
import { shownId } from './ids.ts';
import { dnKey } from './names.ts';
import type { LdapSettings } from './settings.ts';

/** Members of all groups, read once for a listing, so that nobody has to be searched for in them. */
export interface GroupMembers {
  /** Groups below `groups` that have this DN as a member. */
  holding(memberDn: string): FoundGroups;
  /** True if the group shows this DN as a member; without a DN: any member. */
  holds(groupDn: string, memberDn?: string): boolean;
}

/**
 * Reads the members of all groups below `groups`, and of the group that disables accounts.
 * @param onAnswer called after each answer
 * @returns `null`: the members of a group can be searched for and not be read
 */
export async function readGroupMembers(client: Client, settings: LdapSettings, onAnswer: () => void): Promise<GroupMembers | null> {
  const { disable } = settings;
  const wanted = { filter: equals('objectClass', 'groupOfNames'), attributes: ['cn', 'entryUUID'], pageSize: 500, onPage: onAnswer };
  const { entries, doubt } = await searchAll(client, [settings.groups], wanted);
  const groups: LdapGroup[] = entries.map((entry) => ({ dn: entry.dn, id: shownId(entry), names: valuesOf(entry, 'cn') }));
  const held = new Map<string, readonly LdapGroup[]>();
  const withGroup = sharedLists();
  const sets = new Map<string, ReadonlySet<string>>();
  for (const group of groups) {
    const members = await membersOf(client, group.dn, onAnswer);
    if (members.length === 0 && (await hasMembers(client, group.dn))) return null;
    for (const key of new Set(members.map(dnKey))) held.set(key, withGroup(held.get(key) ?? none, group));
  }
  if ('group' in disable) sets.set(dnKey(disable.group), new Set((await membersOf(client, disable.group, onAnswer)).map(dnKey)));
  return {
    holding: (memberDn) => ({ groups: held.get(dnKey(memberDn)) ?? none, isWhole: doubt === null }),
    holds(groupDn, memberDn) {
      const members = sets.get(dnKey(groupDn)) ?? new Set();
      return memberDn === undefined ? members.size > 0 : members.has(dnKey(memberDn));
    },
  };
}

const none: readonly LdapGroup[] = [];

/** Returns a list with one more group. The same list with the same group is one list for all members, of whom there are many more than lists. */
function sharedLists(): (list: readonly LdapGroup[], group: LdapGroup) => readonly LdapGroup[] {
  const longer = new Map<readonly LdapGroup[], Map<LdapGroup, readonly LdapGroup[]>>();
  return (list, group) => {
    const known = longer.get(list) ?? new Map<LdapGroup, readonly LdapGroup[]>();
    longer.set(list, known);
    const found = known.get(group) ?? [...list, group];
    known.set(group, found);
    return found;
  };
}

async function hasMembers(client: Client, groupDn: string): Promise<boolean> {
  const { entries } = await search(client, { base: groupDn, scope: 'base', filter: has('member'), attributes: ['1.1'] });
  return entries.length > 0;
}

/** Members of one group. Active Directory answers with some of many, and with their range in the name of the attribute (MS-ADTS section 3.1.1.3.1.3.3). */
async function membersOf(client: Client, groupDn: string, onAnswer: () => void): Promise<readonly string[]> {
  const members: string[] = [];
  for (let attribute = 'member'; ; ) {
    const { entries } = await search(client, { base: groupDn, scope: 'base', filter: has('objectClass'), attributes: [attribute] });
    onAnswer();
    const { values = {} } = entries[0] ?? {};
    const ranged = Object.keys(values).find((name) => name.startsWith('member;range='));
    for (const dn of values[ranged ?? 'member'] ?? []) members.push(dn);
    const last = /-(\d+)$/.exec(ranged ?? '')?.[1];
    if (last === undefined) return members;
    attribute = `member;range=${Number(last) + 1}-*`;
  }
}
