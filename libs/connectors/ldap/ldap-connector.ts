import { type AccountRef, InputInvalid, type ObservedAccount } from '@tenure/domain';
import { Attribute, Change, type Client } from 'ldapts';
import type { Page, TargetConnector } from '../connector.ts';
import { failuresOf } from '../failures.ts';
import { checkDirectory } from './check-connection.ts';
import { attributesOf, type LdapEntry, toValues } from './entries.ts';
import { isResult, resultCode } from './failures.ts';
import { groupsOf } from './groups.ts';
import { childDn } from './names.ts';
import { idOf, peopleOf, readAttributes } from './people.ts';
import { createPool } from './pool.ts';
import type { LdapSettings } from './settings.ts';

const objectClasses = ['top', 'person', 'organizationalPerson', 'inetOrgPerson'];

/**
 * Connects to an LDAP directory. Opens nothing yet.
 * @throws InputInvalid when the address and `tls` contradict each other
 */
export function createLdapConnector(settings: LdapSettings): TargetConnector {
  // Guessing which of the two is meant could send the password in the clear.
  if (settings.url.startsWith('ldaps:') !== (settings.tls === 'ldaps')) {
    throw new InputInvalid(`${settings.name}: tls is ${settings.tls}, which does not go with the scheme of its url`, { target: settings.name });
  }
  const { disable, idAttribute, externalIdAttribute } = settings;
  const failures = failuresOf(settings.name);
  const pool = createPool(settings, failures);
  const people = peopleOf(settings, failures);
  const groups = groupsOf(settings, failures);
  const names = readAttributes(settings);

  async function observed(client: Client, entry: LdapEntry): Promise<ObservedAccount> {
    const held = await groups.holding(client, entry.dn);
    const isDisabler = ({ dn }: LdapEntry) => 'group' in disable && dn.toLowerCase() === disable.group.toLowerCase();
    const entitlements = held.filter((group) => !isDisabler(group)).flatMap((group) => group.values['cn']?.[0] ?? []);
    return {
      nativeId: idOf(entry, failures),
      userName: userNameOf(entry),
      externalId: entry.values[externalIdAttribute.toLowerCase()]?.[0] ?? null,
      enabled:
        'group' in disable ? !(await groups.holds(client, disable.group, entry.dn)) : entry.values[disable.attribute.toLowerCase()]?.[0] !== disable.disabled,
      attributes: attributesOf(entry, names),
      entitlements: entitlements.sort(),
    };
  }

  function userNameOf(entry: LdapEntry): string {
    const [userName] = entry.values[idAttribute.toLowerCase()] ?? [];
    if (userName === undefined) throw failures.unavailable('an entry came without its user name');
    return userName;
  }

  /** Changes the entry of an account. @returns false when there is none */
  async function change(client: Client, ref: AccountRef, apply: (dn: string) => Promise<void>): Promise<boolean> {
    const entry = await people.find(client, ref);
    if (entry === null) return false;
    try {
      await apply(entry.dn);
      return true;
    } catch (error) {
      if (isResult(error, resultCode.noSuchObject)) return false; // went away since it was found
      throw error;
    }
  }

  function setEnabled(client: Client, ref: AccountRef, enabled: boolean): Promise<boolean> {
    return change(client, ref, async (dn) => {
      if ('attribute' in disable) await client.modify(dn, replace(disable.attribute, [enabled ? disable.enabled : disable.disabled]));
      else if (enabled) await groups.remove(client, disable.group, dn);
      else await addToDisabled(client, disable.group, dn);
    });
  }

  async function addToDisabled(client: Client, group: string, dn: string): Promise<void> {
    await groups.add(client, group, dn).catch((error: unknown) => {
      // Not the account's absence, which would count as disabled.
      if (isResult(error, resultCode.noSuchObject)) throw failures.refused('the group that disables accounts is not there');
      throw error;
    });
  }

  return {
    check: () =>
      pool.use(async (client) => {
        await people.find(client, { nativeId: '00000000-0000-0000-0000-000000000000', userName: '' });
        await groups.dnOf(client, settings.name);
        return checkDirectory(client, settings, failures);
      }),

    list: (page) =>
      pool.use(async (client): Promise<Page<ObservedAccount>> => {
        const { entries, total, next } = await people.page(client, page);
        const items = await Promise.all(entries.map((entry) => observed(client, entry)));
        return { items, total, next };
      }),

    observe: (ref) =>
      pool.use(async (client) => {
        const entry = await people.find(client, ref);
        return entry === null ? null : observed(client, entry);
      }),

    create: ({ userName, externalId, enabled, attributes }) =>
      pool.use(async (client) => {
        const ref: AccountRef = { nativeId: null, userName };
        // The name may be taken further down the branch, where the DN of the new entry does not clash.
        if ((await people.find(client, ref)) !== null) throw failures.conflict();
        const dn = childDn(idAttribute, userName, settings.people);
        const values = Object.fromEntries(
          Object.entries(attributes)
            .map(([name, value]) => [name, toValues(value)])
            .filter(([, list]) => list?.length),
        );
        const state = 'attribute' in disable ? { [disable.attribute]: enabled ? disable.enabled : disable.disabled } : {};
        await client
          .add(dn, { ...values, ...state, objectClass: objectClasses, [idAttribute]: userName, [externalIdAttribute]: externalId })
          .catch((error: unknown) => {
            if (isResult(error, resultCode.entryAlreadyExists)) throw failures.conflict({ cause: error });
            if (isResult(error, resultCode.noSuchObject)) throw failures.unavailable('a branch of the directory is not there');
            throw error;
          });
        if ('group' in disable && !enabled) await addToDisabled(client, disable.group, dn);
        const entry = await people.find(client, ref);
        if (entry === null) throw failures.unavailable('the new account could not be read');
        return observed(client, entry);
      }),

    update: (ref, attributes, externalId) =>
      pool.use(async (client) => {
        const changes = Object.entries({ ...attributes, [externalIdAttribute]: externalId }).map(([name, value]) => replace(name, toValues(value)));
        if (!(await change(client, ref, (dn) => client.modify(dn, changes)))) throw failures.notFound();
      }),

    delete: (ref) =>
      pool.use(async (client) => {
        await change(client, ref, async (dn) => {
          // Groups keep DNs that are gone; a later account of that name would inherit them.
          for (const group of await groups.holding(client, dn)) await groups.remove(client, group.dn, dn);
          if ('group' in disable) await groups.remove(client, disable.group, dn);
          await client.del(dn);
        });
      }),

    enable: (ref) =>
      pool.use(async (client) => {
        if (!(await setEnabled(client, ref, true))) throw failures.notFound();
      }),

    disable: (ref) =>
      pool.use(async (client) => {
        await setEnabled(client, ref, false);
      }),

    addMember: (entitlement, ref) =>
      pool.use(async (client) => {
        const entry = await people.find(client, ref);
        if (entry === null) throw failures.notFound();
        const group = await groups.dnOf(client, entitlement);
        if (group === null) throw failures.refused('there is no group of that name', { entitlement });
        await groups.add(client, group, entry.dn).catch((error: unknown) => {
          if (isResult(error, resultCode.noSuchObject)) throw failures.unavailable('the group went away meanwhile', { entitlement });
          throw error;
        });
      }),

    removeMember: (entitlement, ref) =>
      pool.use(async (client) => {
        const entry = await people.find(client, ref);
        const group = entry && (await groups.dnOf(client, entitlement));
        if (entry && group) await groups.remove(client, group, entry.dn);
      }),

    close: () => pool.close(),
  };
}

function replace(type: string, values: readonly string[]): Change {
  return new Change({ operation: 'replace', modification: new Attribute({ type, values: [...values] }) });
}
