import type { AccountRef, MembershipQuestion, ObservedAccount } from '@tenure/domain';
import { followConnect } from '../connect-progress.ts';
import type { Page, TargetConnector } from '../connector.ts';
import { withDeadline } from '../deadline.ts';
import { failuresOf } from '../failures.ts';
import { sightingsOf } from '../membership-sightings.ts';
import type { ScimUser } from './answers.ts';
import { attributesOf, patchPath, wireValue, withAttributes } from './attributes.ts';
import { checkScim } from './check-connection.ts';
import { createScimHttp } from './http.ts';
import { membershipsOf } from './memberships.ts';
import { groupsOf, type PatchOperation, patchSupportOf, usersOf } from './resources.ts';
import type { ScimSettings } from './settings.ts';

const pageSize = 100;

/** Connects to a SCIM 2.0 service provider. Opens nothing yet. */
export function createScimConnector(settings: ScimSettings): TargetConnector {
  const failures = failuresOf(settings.name);
  const progress = followConnect();
  const http = createScimHttp(settings, failures, progress);
  const patchSupport = patchSupportOf(http, failures);
  const users = usersOf(http, failures, patchSupport);
  const groups = groupsOf(http, failures, patchSupport);
  const memberships = membershipsOf(groups, failures);
  const within = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => withDeadline(failures, settings.timeout, work, progress.timeOut);

  async function byName(userName: string, signal: AbortSignal): Promise<ScimUser | null> {
    const found = await users.where('userName', userName, signal);
    // User names compare without case (RFC 7643 section 4.1.1), yet some targets keep "ann" and "Ann" apart.
    const alike = found.filter((user) => user.userName.toLowerCase() === userName.toLowerCase());
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

  async function observed(found: readonly ScimUser[], signal: AbortSignal, questions: readonly MembershipQuestion[] = []): Promise<readonly ObservedAccount[]> {
    const groups = await memberships.of(found, signal);
    return found.map((user) => ({
      nativeId: user.id,
      userName: user.userName,
      externalId: user.externalId ?? null,
      // Silence counts as enabled: it must never confirm that somebody was locked out.
      enabled: String(user.active ?? true).toLowerCase() !== 'false',
      attributes: attributesOf(user),
      entitlements: groups.get(user.id) ?? [],
      memberships: sightingsOf(questions, groups.get(user.id) ?? []),
    }));
  }

  async function change(ref: AccountRef, patch: readonly PatchOperation[], whole: (user: ScimUser) => object, signal: AbortSignal): Promise<boolean> {
    const id = await idOf(ref, signal);
    const outcome = id === null ? 'gone' : await users.change(id, patch, whole, signal);
    // A PATCH is applied as a whole or not at all (RFC 7644 section 3.5.2), so nothing of it has happened.
    if (outcome === 'noTarget') throw failures.refused('an attribute has no place in the account', { scimType: outcome });
    return outcome === 'done';
  }

  const setActive = (ref: AccountRef, active: boolean, signal: AbortSignal): Promise<boolean> =>
    change(ref, [{ op: 'replace', path: 'active', value: active }], (user) => ({ ...user, active }), signal);

  return {
    check: () => checkScim({ users, groups, patchSupport, failures, within }),

    list: (page) =>
      within(async (signal): Promise<Page<ObservedAccount>> => {
        const { items, total, next } = await users.page(page === undefined ? 1 : Number(page), pageSize, signal);
        return { items: await observed(items, signal), total, next: next === null ? null : String(next) };
      }),

    observe: (ref, memberships) =>
      within(async (signal) => {
        const user = await find(ref, signal);
        return user === null ? null : ((await observed([user], signal, memberships))[0] ?? null);
      }),

    create: ({ userName, externalId, enabled, attributes }) =>
      within(async (signal) => {
        const user = await users.create(withAttributes({ userName, externalId, active: enabled }, attributes), signal);
        if (user === 'exists') throw failures.conflict();
        const [account] = await observed([user], signal);
        if (!account) throw failures.unavailable('the new account could not be read');
        return account;
      }),

    update: (ref, attributes, externalId) =>
      within(async (signal) => {
        const patch = Object.entries({ ...attributes, externalId }).map(([name, value]): PatchOperation => {
          const path = patchPath(name);
          const wire = wireValue(name, value);
          return wire === undefined ? { op: 'remove', path } : { op: 'replace', path, value: wire };
        });
        const whole = (user: ScimUser) => ({ ...withAttributes(user, attributes), externalId });
        if (!(await change(ref, patch, whole, signal))) throw failures.notFound();
      }),

    delete: (ref) =>
      within(async (signal) => {
        const id = await idOf(ref, signal);
        if (id !== null) await users.remove(id, signal);
      }),

    enable: (ref) =>
      within(async (signal) => {
        if (!(await setActive(ref, true, signal))) throw failures.notFound();
      }),

    disable: (ref) =>
      within(async (signal) => {
        await setActive(ref, false, signal);
      }),

    addMember: (entitlement, ref) =>
      within(async (signal) => {
        // Read first, even with its id: not every target refuses members that are not there.
        const user = await find(ref, signal);
        if (user === null) throw failures.notFound();
        await memberships.add(entitlement, user.id, signal);
        return null;
      }),

    removeMember: (entitlement, ref) =>
      within(async (signal) => {
        const id = await idOf(ref, signal);
        if (id !== null) await memberships.remove(entitlement, id, signal);
      }),

    close: () => http.close(),
  };
}
