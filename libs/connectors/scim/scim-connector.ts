import type { AccountRef, MembershipQuestion, ObservedAccount } from '@tenure/domain';
import { followConnect } from '@tenure/outbound';
import { withDeadline } from '../deadline.ts';
import type { TargetConnector } from '../connector.ts';
import { failuresOf } from '../failures.ts';
import { type GroupLease, leaseInProcess } from '../group-lease.ts';
import type { ScimUser } from './answers.ts';
import { askGroupOf } from './ask-group.ts';
import { attributesOf, withAttributes } from './attributes.ts';
import { checkScim } from './check-connection.ts';
import { filterBeliefOf } from './filter-belief.ts';
import { groupNamesOf } from './find-group.ts';
import { createScimHttp } from './http.ts';
import { listsAccountsOf } from './list-accounts.ts';
import { listsMembershipsOf } from './list-memberships.ts';
import { listsUsersOf } from './list-users.ts';
import { putMemberOf } from './put-member.ts';
import { readMembershipsOf } from './read-memberships.ts';
import { groupsOf, usersOf } from './resources.ts';
import type { ScimSettings } from './settings.ts';
import { writeAccountOf } from './write-account.ts';
import { writeMembershipsOf } from './write-memberships.ts';
import { writingMethodsOf } from './writing-methods.ts';

/**
 * Creates the connector of a SCIM 2.0 service provider. Opens no connection yet.
 * @param lease for groups that can only be written whole; only among the callers of this process unless given
 */
export function createScimConnector(settings: ScimSettings, lease: GroupLease = leaseInProcess()): TargetConnector {
  const failures = failuresOf(settings.name);
  const progress = followConnect();
  const http = createScimHttp(settings, failures, progress);
  const methods = writingMethodsOf(http, failures);
  const users = usersOf(http, failures);
  const groups = groupsOf(http, failures);
  const names = groupNamesOf(groups, failures);
  const belief = filterBeliefOf(groups);
  const ask = askGroupOf(groups, belief);
  const reads = readMembershipsOf({ groups, names, belief, ask });
  const put = putMemberOf({ users, groups, lease, failures });
  const memberships = writeMembershipsOf({ groups, names, ask, put, methods, http, failures });
  const listUsers = listsUsersOf({ users, http, failures });
  const account = writeAccountOf({ users, methods, http, failures });
  const within = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => withDeadline(failures, settings.timeout, work, progress.timeOut);

  async function byName(userName: string, signal: AbortSignal): Promise<ScimUser | null> {
    // User names compare without case (RFC 7643 section 4.1.1), yet some targets keep "ann" and "Ann" apart.
    const isAlike = (user: ScimUser): boolean => user.userName.toLowerCase() === userName.toLowerCase();
    const found = await users.where(`userName eq ${JSON.stringify(userName)}`, signal, isAlike);
    const alike = found.filter(isAlike);
    const exact = alike.filter((user) => user.userName === userName);
    const [user, ...others] = exact.length > 0 ? exact : alike;
    if (others.length > 0) throw failures.refused('several accounts bear the name');
    if (!user && found.length > 0) throw failures.unavailable('it answered with other accounts than it was asked for');
    return user ?? null;
  }

  function find(ref: AccountRef, signal: AbortSignal): Promise<ScimUser | null> {
    return ref.nativeId === null ? byName(ref.userName, signal) : users.read(ref.nativeId, signal);
  }

  async function idOf(ref: AccountRef, signal: AbortSignal): Promise<string | null> {
    return ref.nativeId ?? (await byName(ref.userName, signal))?.id ?? null;
  }

  const accountOf = (user: ScimUser): Omit<ObservedAccount, 'entitlements' | 'memberships'> => ({
    nativeId: user.id,
    userName: user.userName,
    externalId: user.externalId ?? null,
    enabled: enabledOf(user.active),
    attributes: attributesOf(user),
  });

  const listAccounts = listsAccountsOf({ listUsers, listMemberships: listsMembershipsOf(groups), reads, accountOf });

  async function observed(user: ScimUser, questions: readonly MembershipQuestion[], signal: AbortSignal): Promise<ObservedAccount> {
    const { entitlements, sightings } = await reads.of(user, questions, signal);
    return { ...accountOf(user), entitlements, memberships: sightings };
  }

  return {
    check: () => checkScim({ users, groups, listUsers, methods, failures, within }),

    list: (page, entitlements = []) => within((signal) => listAccounts(page, entitlements, signal)),

    observe: (ref, questions = []) =>
      within(async (signal) => {
        const user = await find(ref, signal);
        return user === null ? null : observed(user, questions, signal);
      }),

    create: ({ userName, externalId, enabled, attributes }) =>
      within(async (signal) => {
        const outcome = await users.create(withAttributes({ userName, externalId, active: enabled }, attributes), signal);
        if (outcome.kind === 'created') return observed(outcome.resource, [], signal);
        // The conflict may be about another value than the name, such as the e-mail address.
        if (outcome.answer.status === 409 && (await byName(userName, signal)) !== null) throw failures.conflict();
        throw http.refusal(outcome.answer, 'creating the account', Object.keys(attributes));
      }),

    update: (ref, attributes, mark, former = []) =>
      within(async (signal) => {
        const user = await find(ref, signal);
        if (user === null || !(await account.attributes(user, attributes, { mark, former }, signal))) throw failures.notFound();
      }),

    delete: (ref) =>
      within(async (signal) => {
        const id = await idOf(ref, signal);
        if (id !== null) await users.remove(id, signal);
      }),

    enable: (ref) =>
      within(async (signal) => {
        const id = await idOf(ref, signal);
        if (id === null || !(await account.active(id, true, signal))) throw failures.notFound();
      }),

    disable: (ref) =>
      within(async (signal) => {
        const id = await idOf(ref, signal);
        if (id !== null) await account.active(id, false, signal);
      }),

    addMember: (entitlement, ref, _groupId, onGroup) =>
      within(async (signal) => {
        // Read first, even with its id: not every target refuses members that do not exist.
        const user = await find(ref, signal);
        if (user === null) throw failures.notFound();
        return memberships.add(entitlement, user.id, signal, onGroup);
      }),

    removeMember: (entitlement, ref, groupId = null) =>
      within(async (signal) => {
        const id = await idOf(ref, signal);
        if (id !== null) await memberships.remove(entitlement, id, groupId, signal);
      }),

    hasGroup: (entitlement) =>
      within(async (signal) => {
        let isAnyListed = false;
        const all = async () => {
          const listed = await groups.all(signal);
          isAnyListed = listed.items.length > 0;
          return listed;
        };
        const found = await names.find(entitlement, all, signal);
        if (found !== null) return found === 'unknown' ? null : true;
        // A service that lists no group at all may show groups to nobody.
        return isAnyListed ? false : null;
      }),

    close: () => http.close(),
  };
}

/** State from `active`, which some targets send as text; `null`: any other value does not show whether the account can log in. */
function enabledOf(active: ScimUser['active']): boolean | null {
  const text = String(active ?? '').toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
}
