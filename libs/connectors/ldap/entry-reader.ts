import type { AccountRef, MembershipQuestion, ObservedAccount } from '@tenure/domain';
import type { Client } from 'ldapts';
import type { Failures } from '../failures.ts';
import type { AccountState } from './account-state.ts';
import { attributesOf, type LdapEntry, valuesOf } from './entries.ts';
import type { LdapGroup, LdapGroups } from './groups.ts';
import { idOf } from './ids.ts';
import type { AccountMark } from './mark.ts';
import { isSameDn, preparedName } from './names.ts';
import { type FoundPerson, type LdapPeople, readAttributes } from './people.ts';
import type { LdapSettings } from './settings.ts';
import { heldNames, sightingsOf } from './sightings.ts';

/** Dependencies of reading an entry. */
export interface EntryReading {
  readonly mark: AccountMark;
  readonly people: LdapPeople;
  readonly groups: LdapGroups;
  readonly state: AccountState;
}

/** Converts an entry to an observed account. @param ref by which it was found; `null`: in a listing */
export type EntryReader = (client: Client, person: FoundPerson, ref: AccountRef | null, questions?: readonly MembershipQuestion[]) => Promise<ObservedAccount>;

type Held = Pick<ObservedAccount, 'entitlements' | 'memberships'>;

/** In a listing the questions are the same for each entry, and none of them needs a search of its own. */
export function entryReaderOf(settings: LdapSettings, { mark, people, groups, state }: EntryReading, failures: Failures): EntryReader {
  const { disable, idAttribute } = settings;
  const names = readAttributes(settings);

  /** User name as requested, if the entry has it among others or in another case; an entry that was found by its id may hide its name. */
  function userNameOf(entry: LdapEntry, ref: AccountRef | null): string {
    const userNames = valuesOf(entry, idAttribute);
    const isAsked = ref !== null && (userNames.length === 0 || userNames.some((name) => preparedName(name) === preparedName(ref.userName)));
    const userName = isAsked ? ref.userName : userNames[0];
    if (userName === undefined) throw failures.unavailable('an entry came without its user name');
    return userName;
  }

  /** Memberships of a listing by the list of groups, which accounts in the same groups share. */
  const listed = new WeakMap<readonly LdapGroup[], Held>();

  async function heldBy(client: Client, { entry }: FoundPerson, ref: AccountRef | null, questions: readonly MembershipQuestion[]): Promise<Held> {
    const holding = await groups.holding(client, entry.dn);
    const known = ref === null ? listed.get(holding.groups) : undefined;
    if (known !== undefined) return known;
    const held = 'group' in disable ? { ...holding, groups: holding.groups.filter(({ dn }) => !isSameDn(dn, disable.group)) } : holding;
    const formerDns = ref !== null && questions.some(({ isNeeded }) => isNeeded) ? await people.formerDns(client, ref, entry) : [];
    const memberships = await sightingsOf(client, groups, { dn: entry.dn, formerDns, held }, questions);
    const found = { memberships, entitlements: heldNames(held, questions, memberships) };
    if (ref === null) listed.set(holding.groups, found);
    return found;
  }

  return async (client, person, ref, questions = []) => {
    const { entry, isElsewhere } = person;
    const { memberships, entitlements } = await heldBy(client, person, ref, questions);
    const userName = userNameOf(entry, ref);
    // The place that belongs to the name that Tenure knows, not to a name that somebody has given it.
    const isUsual = people.usualDns(ref?.userName ?? userName).some((dn) => isSameDn(dn, entry.dn));
    return {
      nativeId: idOf(entry, failures),
      userName,
      externalId: mark.read(entry),
      enabled: await state.isEnabled(client, person),
      attributes: attributesOf(mark.without(entry), names),
      entitlements,
      memberships,
      ...(isElsewhere ? { isElsewhere } : {}),
      ...(isUsual ? {} : { memberName: entry.dn }),
    };
  };
}
