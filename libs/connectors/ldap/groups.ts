import { AndFilter, Attribute, Change, type Client } from 'ldapts';
import type { Failures } from '../failures.ts';
import { equals, type LdapEntry, search } from './entries.ts';
import { isResult, resultCode } from './failures.ts';
import type { LdapSettings } from './settings.ts';

/** Groups of the directory: groupOfNames, known by their `cn`. */
export interface LdapGroups {
  /** Groups that hold this DN as a member. */
  holding(client: Client, memberDn: string): Promise<readonly LdapEntry[]>;
  /** Whether one group, wherever it lies, holds this DN. @throws ConnectorUnavailable when the group cannot be read */
  holds(client: Client, groupDn: string, memberDn: string): Promise<boolean>;
  /** @returns `null` when there is none */
  dnOf(client: Client, name: string): Promise<string | null>;
  /** Already a member is success. */
  add(client: Client, groupDn: string, memberDn: string): Promise<void>;
  /** Not a member, or no such group, is success. */
  remove(client: Client, groupDn: string, memberDn: string): Promise<void>;
}

export function groupsOf(settings: LdapSettings, failures: Failures): LdapGroups {
  const matching = (attribute: string, value: string) => new AndFilter({ filters: [equals('objectClass', 'groupOfNames'), equals(attribute, value)] });
  const find = (client: Client, attribute: string, value: string) =>
    search(client, { base: settings.groups, filter: matching(attribute, value), attributes: ['cn'] }, failures);
  const member = (operation: 'add' | 'delete', dn: string) => new Change({ operation, modification: new Attribute({ type: 'member', values: [dn] }) });

  return {
    holding: (client, memberDn) => find(client, 'member', memberDn),
    async holds(client, groupDn, memberDn) {
      const found = await search(client, { base: groupDn, filter: equals('member', memberDn), attributes: ['cn'] }, failures);
      return found.length > 0;
    },
    async dnOf(client, name) {
      const found = await find(client, 'cn', name);
      if (found.length > 1) throw failures.refused('several groups bear the name', { entitlement: name });
      return found[0]?.dn ?? null;
    },
    async add(client, groupDn, memberDn) {
      await client.modify(groupDn, member('add', memberDn)).catch((error: unknown) => {
        if (!isResult(error, resultCode.attributeOrValueExists)) throw error;
      });
    },
    async remove(client, groupDn, memberDn) {
      const gone = (error: unknown): void => {
        if (!isResult(error, resultCode.noSuchAttribute, resultCode.noSuchObject)) throw error;
      };
      await client
        .modify(groupDn, member('delete', memberDn))
        .catch((error: unknown) => {
          if (!isResult(error, resultCode.objectClassViolation)) throw error;
          // The last member: a groupOfNames without one is not allowed, so we stand in ourselves.
          return client.modify(groupDn, [member('add', settings.bindDn), member('delete', memberDn)]);
        })
        .catch(gone);
    },
  };
}
