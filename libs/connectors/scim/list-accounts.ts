import type { ObservedAccount } from '@tenure/domain';
import type { AccountPage } from '../connector.ts';
import type { ScimUser } from './answers.ts';
import type { ListsMemberships } from './list-memberships.ts';
import type { ListsUsers } from './list-users.ts';
import type { ReadsMemberships } from './read-memberships.ts';

interface Parts {
  readonly listUsers: ListsUsers;
  readonly listMemberships: ListsMemberships;
  readonly reads: ReadsMemberships;
  readonly accountOf: (user: ScimUser) => Omit<ObservedAccount, 'entitlements' | 'memberships'>;
}

/** Lists users, and then groups if any user came without a list of groups. @param token `next` of the previous page; absent: the first page */
export type ListsAccounts = (token: string | undefined, entitlements: readonly string[], signal: AbortSignal) => Promise<AccountPage>;

/** Begin of the token of a page of groups, before its start index. */
const ofGroups = 'groups ';
/** Begin of the token of a page of users after one who came without a list of groups. */
const afterSilent = 'silent ';

export function listsAccountsOf({ listUsers, listMemberships, reads, accountOf }: Parts): ListsAccounts {
  return async (token, entitlements, signal) => {
    if (token?.startsWith(ofGroups)) {
      const { memberships, next } = await listMemberships(Number(token.slice(ofGroups.length)), entitlements, signal);
      return { items: [], next: next === null ? null : `${ofGroups}${next}`, total: null, isByPosition: true, doubt: null, memberships };
    }
    const wasSilent = token?.startsWith(afterSilent) === true;
    const page = await listUsers(wasSilent ? token?.slice(afterSilent.length) : token, signal);
    const held = await reads.listedBy(page.items, entitlements, signal);
    const isSilent = wasSilent || page.items.some(({ id }) => !held.has(id));
    const items = page.items.map((user) => ({ ...accountOf(user), entitlements: held.get(user.id) ?? [], memberships: [] }));
    const afterwards = isSilent ? `${ofGroups}1` : null;
    const next = page.next === null ? afterwards : `${isSilent ? afterSilent : ''}${page.next}`;
    return { ...page, items, next, doubt: null };
  };
}
