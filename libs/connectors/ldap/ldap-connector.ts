import { AccountConflict, type AccountRef, ConnectorRefused, InputInvalid, type MembershipQuestion, type ObservedAccount } from '@tenure/domain';
import { Attribute, Change, type Client } from 'ldapts';
import type { Page, TargetConnector } from '../connector.ts';
import { failuresOf } from '../failures.ts';
import { accountStateOf } from './account-state.ts';
import { attributesOf, type LdapEntry, toValues, valuesOf } from './entries.ts';
import { isRefusal, isResult, resultCode } from './failures.ts';
import { groupsOf } from './groups.ts';
import { idOf, knownId } from './ids.ts';
import { markOf } from './mark.ts';
import { childDn, isBelow, isSameDn, preparedName } from './names.ts';
import { type FoundPerson, peopleOf, readAttributes } from './people.ts';
import { createPool } from './pool.ts';
import { refusedAttribute } from './refused-attribute.ts';
import type { LdapSettings } from './settings.ts';
import { heldNames, sightingsOf } from './sightings.ts';
import { entryWriterOf } from './write-entry.ts';

const objectClasses = ['top', 'person', 'organizationalPerson', 'inetOrgPerson'];

/**
 * Connects to an LDAP directory. Opens nothing yet.
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
  const names = readAttributes(settings);

  function settingOf(attribute: string): string {
    const isNamed = (name: string): boolean => name.toLowerCase() === attribute.toLowerCase();
    if (Object.keys(settings.attributes).some(isNamed)) return `targets.${target}.attributes`;
    if (isNamed(mark.attribute)) return `targets.${target}.externalIdAttribute`;
    return 'attribute' in disable && isNamed(disable.attribute) ? `targets.${target}.disable` : `targets.${target}.attributes`;
  }

  /** @param ref by which it was found; `null`: in a listing */
  async function observed(
    client: Client,
    person: FoundPerson,
    ref: AccountRef | null,
    questions: readonly MembershipQuestion[] = [],
  ): Promise<ObservedAccount> {
    const { entry, isElsewhere } = person;
    const holding = await groups.holding(client, entry.dn);
    const held = { ...holding, groups: holding.groups.filter(({ dn }) => !('group' in disable && isSameDn(dn, disable.group))) };
    const formerDns = ref !== null && questions.some(({ isNeeded }) => isNeeded) ? await people.formerDns(client, ref, entry) : [];
    const memberships = await sightingsOf(client, groups, { dn: entry.dn, formerDns, held }, questions);
    const attributes = attributesOf({ ...entry, values: Object.fromEntries(names.map((name) => [name.toLowerCase(), mark.without(name, valuesOf(entry, name))])) }, names);
    return {
      nativeId: idOf(entry, failures),
      userName: userNameOf(entry, ref),
      externalId: mark.read(entry),
      enabled: await state.isEnabled(client, person),
      attributes,
      entitlements: heldNames(held, questions, memberships),
      memberships,
      ...(isElsewhere ? { isElsewhere } : {}),
    };
  }

  /** As it was asked for, when the entry bears that name among others or with another case; an entry that was found by its id may hide its name. */
  function userNameOf(entry: LdapEntry, ref: AccountRef | null): string {
    const userNames = valuesOf(entry, idAttribute);
    const asked = ref !== null && (userNames.length === 0 || userNames.some((name) => preparedName(name) === preparedName(ref.userName))) ? ref.userName : null;
    const userName = asked ?? userNames[0];
    if (userName === undefined) throw failures.unavailable('an entry came without its user name');
    return userName;
  }

  /** Changes the entry of an account where it lies. @returns false when there is none */
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

  /** Where no other has been left: what somebody else wrote there is never replaced. */
  async function leaveMark(client: Client, entry: LdapEntry, identityId: string): Promise<void> {
    if (mark.read(entry) !== null) return;
    const modification = new Attribute({ type: mark.attribute, values: [mark.valueFor(identityId)] });
    await client.modify(entry.dn, new Change({ operation: 'add', modification })).catch((error: unknown) => {
      if (isResult(error, resultCode.attributeOrValueExists)) return;
      if (!isRefusal(error) || isResult(error, resultCode.noSuchObject)) throw error;
      throw refusedAttribute(failures, error, { name: mark.attribute, setting: settingOf(mark.attribute), isTaken: false });
    });
  }

  /** All DNs by which groups may hold an account. */
  async function allDns(client: Client, ref: AccountRef, entry: LdapEntry | null): Promise<readonly string[]> {
    return [...(entry === null ? [] : [entry.dn]), ...(await people.formerDns(client, ref, entry))];
  }

  /** Groups keep DNs that are gone, and a later account of that name would inherit them. */
  async function leaveGroups(client: Client, dn: string): Promise<void> {
    for (const group of (await groups.holding(client, dn)).groups) {
      if (!('group' in disable && isSameDn(group.dn, disable.group))) await groups.remove(client, group.dn, dn);
    }
  }

  return {
    check: () =>
      pool.use(async (client) => {
        await people.check(client);
        await groups.check(client);
      }),

    list: (page) =>
      pool.use(async (client): Promise<Page<ObservedAccount>> => {
        const { entries, total, next } = await people.page(client, page);
        await groups.check(client);
        const items = await Promise.all(entries.map((entry) => observed(client, { entry, isElsewhere: false }, null)));
        return { items, total, next };
      }),

    observe: (ref, memberships) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        return person === null ? null : observed(client, person, ref, memberships);
      }),

    create: ({ userName, externalId, enabled, attributes }) =>
      pool.use(async (client) => {
        const ref: AccountRef = { nativeId: null, userName };
        // The name may be taken where the DN of the new entry does not clash.
        if ((await people.find(client, ref)) !== null) throw failures.conflict();
        if (await people.isNameTaken(client, userName)) {
          const todo = `rename one of the two, or leave its branch out of targets.${target}.lookBelow`;
          throw new AccountConflict(`${target}: an entry outside the branches of people bears that name: ${todo}`, { target, reason: 'elsewhere' });
        }
        const dn = childDn(idAttribute, userName, createBelow);
        const mapped = Object.entries(attributes).map(([name, value]): [string, readonly string[]] => [name, toValues(value)]);
        const isDemanded = ([name]: readonly [string, unknown]): boolean => ['cn', 'sn', mark.attribute.toLowerCase()].includes(name.toLowerCase());
        const demanded = Object.fromEntries(mapped.filter(isDemanded));
        const marked = Object.keys(demanded).find((name) => name.toLowerCase() === mark.attribute.toLowerCase()) ?? mark.attribute;
        const needed = {
          ...demanded,
          ...Object.fromEntries(Object.entries(state.ofNew(enabled)).map(([name, value]) => [name, [value]])),
          objectClass: objectClasses,
          [idAttribute]: [userName],
          [marked]: [...mark.beside(demanded[marked] ?? []), mark.valueFor(externalId)],
        };
        await writer.add(client, dn, needed, Object.fromEntries(mapped.filter((each) => !isDemanded(each)))).catch((error: unknown) => {
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

    update: (ref, attributes, externalId) =>
      pool.use(async (client) => {
        let refused: unknown = null;
        const isThere = await change(client, ref, async (entry) => {
          const values = Object.entries(attributes).map(([name, value]) => [name, [...toValues(value), ...mark.among(name, entry)]]);
          await writer.replace(client, entry.dn, Object.fromEntries(values)).catch((error: unknown) => {
            if (!(error instanceof ConnectorRefused)) throw error;
            refused = error;
          });
          await leaveMark(client, entry, externalId);
        });
        if (refused !== null) throw refused;
        if (!isThere) throw failures.notFound();
      }),

    delete: (ref) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        const dns = await allDns(client, ref, person?.entry ?? null);
        for (const dn of dns) await leaveGroups(client, dn);
        if (person !== null) await remove(client, person.entry.dn);
        // Not before: until it is gone, the group keeps it closed.
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

    addMember: (entitlement, ref) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        if (person === null) throw failures.notFound();
        const group = await groups.theOne(client, entitlement);
        await groups.add(client, group.dn, person.entry.dn).catch((error: unknown) => {
          if (isResult(error, resultCode.noSuchObject)) throw failures.unavailable('the group went away meanwhile', { entitlement });
          throw error;
        });
        for (const dn of await people.formerDns(client, ref, person.entry)) await groups.remove(client, group.dn, dn);
        return group.id;
      }),

    removeMember: (entitlement, ref, groupId) =>
      pool.use(async (client) => {
        const person = await people.find(client, ref);
        const dns = await allDns(client, ref, person?.entry ?? null);
        const meant = await groups.meantBy(client, entitlement, knownId(groupId));
        for (const group of meant.groups) for (const dn of dns) await groups.remove(client, group.dn, dn);
        if (!meant.isWhole) throw failures.unavailable('the group was not found in an answer that may not be whole', { entitlement });
      }),

    close: () => pool.close(),
  };

  async function remove(client: Client, dn: string): Promise<void> {
    await client.del(dn).catch((error: unknown) => {
      if (isResult(error, resultCode.noSuchObject)) return;
      if (!isResult(error, resultCode.notAllowedOnNonLeaf)) throw error;
      const details = { resultCode: String(resultCode.notAllowedOnNonLeaf) };
      throw failures.refused(`the account has entries below it (result code ${resultCode.notAllowedOnNonLeaf}): remove those first`, details, { cause: error });
    });
  }
}

function mustFit({ name, url, tls, people, createBelow }: LdapSettings): void {
  // Guessing which of the two is meant could send the password in the clear.
  if (url.startsWith('ldaps:') !== (tls === 'ldaps')) throw new InputInvalid(`${name}: tls is ${tls}, which does not go with the scheme of its url`, { target: name });
  if (!people.some((branch) => isBelow(createBelow, branch))) {
    throw new InputInvalid(`${name}: createBelow is neither one of people nor below one, so that new accounts would not be found`, { target: name });
  }
}
