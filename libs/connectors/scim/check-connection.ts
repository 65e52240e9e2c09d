import { randomUUID } from 'node:crypto';
import type { ConnectionLimit } from '@tenure/domain';
import type { Failures } from '../failures.ts';
import type { ScimGroup, ScimUser } from './answers.ts';
import type { ListsUsers } from './list-users.ts';
import type { ScimResources } from './resources.ts';
import type { WritingMethods } from './writing-methods.ts';

export interface ScimParts {
  readonly users: ScimResources<ScimUser>;
  readonly groups: ScimResources<ScimGroup>;
  readonly listUsers: ListsUsers;
  readonly methods: WritingMethods;
  readonly failures: Failures;
  /** Runs a call with a timeout. */
  within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Number of groups whose members are read. */
const someGroups = 20;

/** Reads the data that Tenure needs, writes nothing, and determines the limits of the service. */
export async function checkScim({ users, groups, listUsers, methods, failures, within }: ScimParts): Promise<readonly ConnectionLimit[]> {
  const nobody = `tenure-check-${randomUUID()}`;
  const [hasPatch, { total, items }] = await within(async (signal) => [
    (await methods.order('users', signal))[0] === 'PATCH',
    await listUsers(undefined, signal, 1), // the ServiceProviderConfig may be public, so it does not prove the credentials
  ]);
  const found = await within((signal) => users.find(`userName eq ${JSON.stringify(nobody)}`, signal));
  const address = `targets.${failures.target}.url`;
  if (found === null)
    throw failures.refused(`it cannot look up a user by userName: Tenure needs that filter, so ${address} must lead to a service that has it`, {
      reason: 'FILTER_UNSUPPORTED',
      step: 'answers',
    });
  if (found.items.length > 0)
    throw failures.unavailable('it ignores the filter userName eq and answers with other users: nobody can be looked up there', {
      reason: 'FILTER_IGNORED',
      step: 'answers',
    });
  const limits: ConnectionLimit[] = [];
  if (!hasPatch) limits.push({ code: 'NO_PATCH', message: 'it takes no PATCH: users and groups are read and written whole' });
  return [...limits, ...(await groupLimits(groups, total ?? items.length, nobody, within))];
}

async function groupLimits(groups: ScimParts['groups'], people: number, nobody: string, within: ScimParts['within']): Promise<readonly ConnectionLimit[]> {
  const page = await within((signal) => groups.some(someGroups, signal));
  if (page === null) return [{ code: 'NO_GROUPS', message: 'it has no groups: entitlements cannot be given there' }];
  const limits: ConnectionLimit[] = [];
  const byName = await within((signal) => groups.find(`displayName eq ${JSON.stringify(nobody)}`, signal));
  if (byName === null)
    limits.push({ code: 'GROUP_FILTER_UNSUPPORTED', message: 'it cannot look up a group by displayName: entitlements cannot be given there' });
  else if (byName.items.length > 0)
    limits.push({ code: 'GROUP_FILTER_IGNORED', message: 'it ignores the filter displayName eq of groups and answers with others' });
  const byMember = await within((signal) => groups.find(`members.value eq ${JSON.stringify(nobody)}`, signal));
  if (byMember === null) limits.push({ code: 'MEMBER_FILTER_UNSUPPORTED', message: 'it cannot look up groups by a member: every group is read instead' });
  else if (byMember.items.length > 0)
    limits.push({ code: 'MEMBER_FILTER_IGNORED', message: 'it ignores the filter members.value eq of groups: what it answers to it is not believed' });
  const isEmpty = page.length > 0 && page.every(({ members }) => (members ?? []).length === 0);
  if (isEmpty && people > 0)
    limits.push({ code: 'NO_MEMBERS_SEEN', message: 'no group that was looked into shows a member: if there are members, it does not show memberships' });
  return limits;
}
