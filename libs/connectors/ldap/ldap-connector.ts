import { AccountConflict, type AccountRef, ConnectorRefused, InputInvalid } from '@tenure/domain';
import { Attribute, Change, type Client } from 'ldapts';
import type { TargetConnector } from '../connector.ts';
import { failuresOf } from '../failures.ts';
import { accountStateOf } from './account-state.ts';
import { checkSchema } from './check-connection.ts';
import { type LdapEntry, toValues, valuesOf } from './entries.ts';
import { entryReaderOf } from './entry-reader.ts';
import { isRefusal, isResult, resultCode } from './failures.ts';
import { groupsOf } from './groups.ts';
import { idOf, knownId } from './ids.ts';
import { listsEntriesOf } from './list-entries.ts';
import { markOf } from './mark.ts';
import { childDn, isBelow, isSameDn, preparedName } from './names.ts';
import { newEntry } from './new-entry.ts';
import { peopleOf } from './people.ts';
import { createPool } from './pool.ts';
import { refusedAttribute } from './refused-attribute.ts';
import type { LdapSettings } from './settings.ts';
import { entryWriterOf } from './write-entry.ts';

/**
 * Creates the connector of an LDAP directory. Opens no connection yet.
 * @throws InputInvalid when the address and `tls`, or `people` and `createBelow`, contradict each other
 */
export function createLdapConnector(settings: LdapSettings): TargetConnector {
  mustFit(settings);
  const { name: target, disable, idAttribute, createBelow } = settings;
  const failures = failuresOf(target);
  const pool = createPool(settings, failures);
  const mark = markOf(settings);
  const people = peopleOf(settings, mark, failures);
  const groups = groupsOf(settings, failures);
  const state = accountStateOf(settings, people, groups, failures);
  const writer = entryWriterOf(settings, settingOf, failures);
  const observed = entryReaderOf(settings, { mark, people, groups, state }, failures);
  const listing = listsEntriesOf(settings, { pool, mark, people, groups }, failures);

  function settingOf(attribute: string): string {
    const isNamed = (name: string): boolean => name.toLowerCase() === attribute.toLowerCase();
    if (Object.keys(settings.attributes).some(isNamed)) return `targets.${target}.attributes`;
    if (isNamed(mark.attribute)) return `targets.${target}.externalIdAttribute`;
    return 'attribute' in disable && isNamed(disable.attribute) ? `targets.${target}.disable` : `targets.${target}.attributes`;
  }

  /** Changes the entry of an account where it is now. @returns false when there is none */
  async function change(client: Client, ref: AccountRef, apply: (entry: LdapEntry) => Promise<void>): Promise<boolean> {
    const person = await people.find(client, ref);
    if (person === null) return false;
    try {
      await apply(person.entry);
      return true;
    } catch (error) {
      if (isResult(error, resultCode.noSuchObject)) return false; // went away since it was found
      throw error;
    }
  }

  /** Writes the mark, unless the entry has another one: values of others are never replaced, but those of former identities of the account. */
  async function leaveMark(client: Client, entry: LdapEntry, identityId: string, former: readonly string[]): Promise<void> {
    const present = mark.read(entry);
    if (present !== null && !former.includes(present)) return;
    const written = (operation: 'add' | 'delete', values: string[]): Change =>
      new Change({ operation, modification: new Attribute({ type: mark.attribute, values }) });
    const old = present === null ? [] : valuesOf(entry, mark.attribute).filter((value) => preparedName(value) === preparedName(mark.valueFor(present)));
    const changes = [...(old.length === 0 ? [] : [written('delete', [...old])]), written('add', [mark.valueFor(identityId)])];
    await client.modify(entry.dn, changes).catch((error: unknown) => {
      if (isResult(error, resultCode.attributeOrValueExists)) return;
      if (!isRefusal(error) || isResult(error, resultCode.noSuchObject)) throw error;
      throw refusedAttribute(failures, error, { name: mark.attribute, setting: settingOf(mark.attribute), isTaken: false });
    });
  }

  /** All DNs by which an account may be a member of groups. */
  async function allDns(client: Client, ref: AccountRef, entry: LdapEntry | null): Promise<readonly string[]> {
    return [...(entry === null ? [] : [entry.dn]), ...(await people.formerDns(client, ref, entry))];
  }

  /** Removes a DN from all groups: they keep DNs of deleted entries, and a later account of that name would inherit the memberships. */
  async function leaveGroups(client: Client, dn: string): Promise<void> {
    for (const group of (await groups.holding(client, dn)).groups) {
      if (!('group' in disable && isSameDn(group.dn, disable.group))) await groups.remove(client, group.dn, dn);
    }
  }

  /** Removes these DNs from all groups of an entitlement. @returns false if there may be another group */
  async function leaveMeant(client: Client, entitlement: string, groupId: string | null | undefined, dns: readonly string[]): Promise<boolean> {
    const meant = await groups.meantBy(client, entitlement, knownId(groupId));
    for (const group of meant.groups) for (const dn of dns) await groups.remove(client, group.dn, dn);
    return meant.isWhole;
  }

  return {
    check: () =>
      pool.use(async (client) => {
        await people.check(client);
        await groups.check(client);
        return checkSchema(client, settings, mark, failures);
      }),

    list: (page, entitlements = []) => listing(page, entitlements),

    observe: (ref, memberships) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        return person === null ? null : observed(client, person, ref, memberships);
      }),

    create: (account) =>
      pool.use(async (client) => {
        const { userName, enabled } = account;
        const ref: AccountRef = { nativeId: null, userName };
        // The name may be in use even if the DN of the new entry is free.
        if ((await people.find(client, ref)) !== null) throw failures.conflict();
        if (await people.isNameTaken(client, userName)) {
          const remedy = `rename one of the two, or leave its branch out of targets.${target}.lookBelow`;
          throw new AccountConflict(`${target}: an entry outside the branches of people bears that name: ${remedy}`, { target, reason: 'elsewhere' });
        }
        const dn = childDn(idAttribute, userName, createBelow);
        const { needed, others } = newEntry(settings, mark, state, account);
        await writer.add(client, dn, needed, others).catch((error: unknown) => {
          if (isResult(error, resultCode.entryAlreadyExists)) throw failures.conflict({ cause: error });
          if (isResult(error, resultCode.noSuchObject)) throw failures.unavailable('a branch of the directory is not there');
          throw error;
        });
        await leaveGroups(client, dn);
        const person = await people.find(client, ref);
        if (person === null) throw failures.unavailable('the new account could not be read');
        if ('group' in disable && (await state.isEnabled(client, person)) !== enabled) await state.set(client, person.entry, enabled);
        return observed(client, person, ref);
      }),

    update: (ref, attributes, externalId, former = []) =>
      pool.use(async (client) => {
        let refused: unknown = null;
        const isThere = await change(client, ref, async (entry) => {
          const values = Object.entries(attributes).map(([name, value]) => [name, [...toValues(value), ...mark.among(name, entry)]]);
          await writer.replace(client, entry.dn, Object.fromEntries(values)).catch((error: unknown) => {
            if (!(error instanceof ConnectorRefused)) throw error;
            refused = error;
          });
          await leaveMark(client, entry, externalId, former);
        });
        if (refused !== null) throw refused;
        if (!isThere) throw failures.notFound();
      }),

    delete: (ref) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        const dns = await allDns(client, ref, person?.entry ?? null);
        for (const dn of dns) await leaveGroups(client, dn);
        if (person !== null) await remove(client, person.entry);
        // Not earlier: until the entry is deleted, this group keeps it disabled.
        if ('group' in disable) for (const dn of dns) await groups.remove(client, disable.group, dn);
      }),

    enable: (ref) =>
      pool.use(async (client) => {
        if (!(await change(client, ref, (entry) => state.set(client, entry, true)))) throw failures.notFound();
      }),

    disable: (ref) =>
      pool.use(async (client) => {
        await change(client, ref, (entry) => state.set(client, entry, false));
      }),

    addMember: (entitlement, ref, groupId, onGroup) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        if (person === null) throw failures.notFound();
        const group = await groups.theOne(client, entitlement);
        // First, since once the group of this name is recorded, the earlier one, which may have another name now, would not be searched any more.
        const former = await people.formerDns(client, ref, person.entry);
        // A group that is not visible, such as a deleted one where searches are limited, must not prevent the new membership.
        if (former.length > 0) await leaveMeant(client, entitlement, groupId, former);
        if (group.id !== null) await onGroup?.(group.id);
        await groups.add(client, group.dn, person.entry.dn).catch((error: unknown) => {
          if (isResult(error, resultCode.noSuchObject)) throw failures.unavailable('the group went away meanwhile', { entitlement });
          throw error;
        });
        return group.id;
      }),

    removeMember: (entitlement, ref, groupId) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        const dns = await allDns(client, ref, person?.entry ?? null);
        if (!(await leaveMeant(client, entitlement, groupId, dns)))
          throw failures.unavailable('the group was not found in an answer that may not be whole', { entitlement });
      }),

    hasGroup: (entitlement) =>
      pool.use(async (client) => {
        await groups.check(client);
        return groups.exists(client, entitlement);
      }),

    close: () => pool.close(),
  };

  async function remove(client: Client, entry: LdapEntry): Promise<void> {
    try {
      await client.del(entry.dn);
      people.deleted(idOf(entry, failures));
    } catch (error) {
      if (isResult(error, resultCode.noSuchObject)) return; // went away since it was found
      if (!isResult(error, resultCode.notAllowedOnNonLeaf)) throw error;
      const details = { resultCode: String(resultCode.notAllowedOnNonLeaf) };
      throw failures.refused(`the account has entries below it (result code ${resultCode.notAllowedOnNonLeaf}): remove those first`, details, { cause: error });
    }
  }
}

function mustFit({ name, url, tls, people, createBelow }: LdapSettings): void {
  // A wrong guess of the intended one could send the password unencrypted.
  if (url.startsWith('ldaps:') !== (tls === 'ldaps'))
    throw new InputInvalid(`${name}: tls is ${tls}, which does not go with the scheme of its url`, { target: name });
  if (!people.some((branch) => isBelow(createBelow, branch))) {
    throw new InputInvalid(`${name}: createBelow is neither one of people nor below one, so that new accounts would not be found`, { target: name });
  }
}
