import { AndFilter, Attribute, Change, type Client } from 'ldapts';
import { type Failures, ofTarget } from '../failures.ts';
import { type Answer, equals, has, mustBeReadable, search, searchAll, valuesOf } from './entries.ts';
import { isRefusal, isResult, resultCode } from './failures.ts';
import { shownId } from './ids.ts';
import { preparedName } from './names.ts';
import { wholeDirectory } from './naming-contexts.ts';
import type { LdapSettings } from './settings.ts';

/** A group of the directory. */
export interface LdapGroup {
  readonly dn: string;
  /** entryUUID of the group; `null`: the directory does not show it. */
  readonly id: string | null;
  /** All values of its `cn`. */
  readonly names: readonly string[];
}

/** Result of a search for groups. */
export interface FoundGroups {
  readonly groups: readonly LdapGroup[];
  /** True if no group is missing. */
  readonly isWhole: boolean;
}

/** Groups of the directory: groupOfNames, identified by their id and their `cn`. */
export interface LdapGroups {
  /** Groups below `groups` that have this DN as a member. */
  holding(client: Client, memberDn: string): Promise<FoundGroups>;
  /**
   * Groups of an entitlement: those with its name, as the directory compares names, and the one with the id, wherever it is now.
   * @param id an entryUUID; `null`: unknown, so that a group with the name counts
   */
  meantBy(client: Client, entitlement: string, id: string | null): Promise<FoundGroups>;
  /** The only group with a name. @throws ConnectorRefused when there is none, or several */
  theOne(client: Client, entitlement: string): Promise<LdapGroup>;
  /** True if there is a group with this name; `null`: the directory does not show whether there is. */
  exists(client: Client, entitlement: string): Promise<boolean | null>;
  /** True if the group shows this DN as a member; without a DN: any member. */
  holds(client: Client, groupDn: string, memberDn?: string): Promise<boolean>;
  /** Adds a member. Success if it is one already. */
  add(client: Client, groupDn: string, memberDn: string): Promise<void>;
  /** Removes a member. Success if there is no such member or group. */
  remove(client: Client, groupDn: string, memberDn: string): Promise<void>;
  /** Checks that the branch of groups is readable. @throws ConnectorUnavailable when it is not */
  check(client: Client): Promise<void>;
}

/** True if the group has this name of the policy. Where this returns false, the directory may still match the name. */
export const bears = ({ names }: LdapGroup, entitlement: string): boolean => names.some((name) => preparedName(name) === preparedName(entitlement));

export function groupsOf(settings: LdapSettings, failures: Failures): LdapGroups {
  const isGroup = equals('objectClass', 'groupOfNames');
  const attributes = ['cn', 'entryUUID'];
  const member = (operation: 'add' | 'delete', dn: string) => new Change({ operation, modification: new Attribute({ type: 'member', values: [dn] }) });

  /** Changes the members of one group. @throws ConnectorRefused, without the names of members */
  async function change(client: Client, groupDn: string, changes: readonly Change[]): Promise<void> {
    await client.modify(groupDn, [...changes]).catch((error: unknown) => {
      const expected = [resultCode.attributeOrValueExists, resultCode.noSuchAttribute, resultCode.noSuchObject, resultCode.objectClassViolation];
      if (!isRefusal(error) || isResult(error, ...expected)) throw error;
      // A failure of the group itself, for every member.
      const isOfGroup = error.code === resultCode.insufficientAccessRights || error.code === resultCode.unwillingToPerform;
      const details = { resultCode: String(error.code), group: groupDn, ...(isOfGroup ? ofTarget : {}) };
      const remedy = error.code === resultCode.insufficientAccessRights ? ': give the bind DN the right to write its attribute member' : '';
      throw failures.refused(`it refuses to change the members of ${groupDn} (result code ${error.code})${remedy}`, details, { cause: error });
    });
  }

  async function named(client: Client, entitlement: string): Promise<FoundGroups> {
    const filter = new AndFilter({ filters: [isGroup, equals('cn', entitlement)] });
    return found(await search(client, { base: settings.groups, filter, attributes }));
  }

  return {
    async exists(client, entitlement) {
      const { groups, isWhole } = await named(client, entitlement);
      return groups.length > 0 ? true : isWhole ? false : null;
    },
    async holding(client, memberDn) {
      const filter = new AndFilter({ filters: [isGroup, equals('member', memberDn)] });
      return found(await search(client, { base: settings.groups, filter, attributes }));
    },
    async theOne(client, entitlement) {
      const { groups, isWhole } = await named(client, entitlement);
      const [group, ...others] = groups;
      if (others.length > 0)
        throw failures.refused(`several groups have the name ${entitlement}: ${groups.map(({ dn }) => dn).join(' and ')}`, { ...ofTarget, entitlement });
      if (group !== undefined) return group;
      if (!isWhole) throw failures.unavailable('the group was not found in an answer that may not be whole', { entitlement });
      throw failures.refused(`there is no group ${entitlement}: it has to be a groupOfNames below ${settings.groups}`, { ...ofTarget, entitlement });
    },
    async meantBy(client, entitlement, id) {
      const byName = await named(client, entitlement);
      if (id === null) return { ...byName, isWhole: byName.isWhole || byName.groups.length > 0 };
      if (byName.groups.some((group) => isSameId(group.id, id))) return { ...byName, isWhole: true };
      const everywhere = await wholeDirectory(client, settings);
      const known = found(await searchAll(client, [settings.groups, ...everywhere], { filter: equals('entryUUID', id), attributes }));
      return { groups: [...known.groups, ...byName.groups], isWhole: known.groups.length > 0 || (known.isWhole && everywhere.length > 0) };
    },
    async holds(client, groupDn, memberDn) {
      const filter = memberDn === undefined ? has('member') : equals('member', memberDn);
      const { entries } = await search(client, { base: groupDn, scope: 'base', filter, attributes: ['1.1'] });
      return entries.length > 0;
    },
    async add(client, groupDn, memberDn) {
      await change(client, groupDn, [member('add', memberDn)]).catch((error: unknown) => {
        if (!isResult(error, resultCode.attributeOrValueExists)) throw error;
      });
    },
    async remove(client, groupDn, memberDn) {
      const gone = (error: unknown): void => {
        if (!isResult(error, resultCode.noSuchAttribute, resultCode.noSuchObject)) throw error;
      };
      await change(client, groupDn, [member('delete', memberDn)])
        .catch((error: unknown) => {
          if (!isResult(error, resultCode.objectClassViolation)) throw error;
          // The last member: a groupOfNames must have one, so Tenure's own entry replaces it.
          return change(client, groupDn, [member('add', settings.bindDn), member('delete', memberDn)]);
        })
        .catch(gone);
    },
    async check(client) {
      mustBeReadable(await search(client, { base: settings.groups, filter: equals('cn', settings.name), attributes: ['1.1'] }), failures);
    },
  };
}

/** True if two ids are equal, compared without case: they are hexadecimal numbers. */
export const isSameId = (one: string | null, other: string | null): boolean => one !== null && one.toLowerCase() === other?.toLowerCase();

function found({ entries, doubt }: Answer): FoundGroups {
  return { groups: entries.map((entry) => ({ dn: entry.dn, id: shownId(entry), names: valuesOf(entry, 'cn') })), isWhole: doubt === null };
}
