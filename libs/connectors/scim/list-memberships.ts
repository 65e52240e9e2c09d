import { ConnectorRefused, ConnectorUnavailable } from '@tenure/domain';
import type { ListedMembership } from '../connector.ts';
import type { ScimGroup } from './answers.ts';
import { asWritten } from './group-members.ts';
import type { ScimResources } from './resources.ts';

/** A page of groups, as memberships of users. */
export interface MembershipPage {
  readonly memberships: readonly ListedMembership[];
  /** Start index of the next page; `null`: this was the last. */
  readonly next: number | null;
}

/**
 * Lists the memberships of all groups page by page: of a service that does not list groups with its users, each group is read once.
 * @param start index of the first group, counted from 1 @param entitlements names in the policy, used for their groups
 */
export type ListsMemberships = (start: number, entitlements: readonly string[], signal: AbortSignal) => Promise<MembershipPage>;

/** Groups on a page. Groups with many members come fewer at a time. */
const pageSize = 20;

export function listsMembershipsOf(groups: ScimResources<ScimGroup>): ListsMemberships {
  /** A page of as many groups as fit into an answer. */
  async function page(start: number, count: number, signal: AbortSignal): Promise<{ readonly items: readonly ScimGroup[]; readonly next: number | null }> {
    try {
      return await groups.page(start, count, signal);
    } catch (error) {
      if (error instanceof ConnectorRefused && noGroups.has(error.details['status'] ?? '')) return { items: [], next: null };
      if (!(error instanceof ConnectorUnavailable)) throw error;
      if (noGroups.has(error.details['status'] ?? '')) return { items: [], next: null };
      if (!tooLarge.has(error.details['reason'] ?? '') || count === 1) throw error;
      return page(start, Math.ceil(count / 4), signal);
    }
  }

  /** Some services show members only of a group that is read by itself, or that is asked for them by name. */
  async function membersOf(group: ScimGroup, signal: AbortSignal): Promise<NonNullable<ScimGroup['members']>> {
    if (group.members) return group.members;
    const read = await groups.read(group.id, signal);
    return read?.members ?? (await groups.read(group.id, signal, ['displayName', 'members']).catch(unlessRefused))?.members ?? [];
  }

  return async (start, entitlements, signal) => {
    const { items, next } = await page(start, pageSize, signal);
    const memberships: ListedMembership[] = [];
    for (const group of items) {
      const entitlement = asWritten(group.displayName, entitlements);
      for (const { value, type } of await membersOf(group, signal)) if (type !== 'Group') memberships.push({ nativeId: userIdOf(value), entitlement });
    }
    return { memberships, next };
  };
}

/** Statuses of services without groups. */
const noGroups: ReadonlySet<string> = new Set(['404', '501']);

/** Reasons for which an answer that is too large was cut. */
const tooLarge: ReadonlySet<string> = new Set(['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'too-large']);

function unlessRefused(error: unknown): null {
  if (error instanceof ConnectorRefused) return null;
  throw error;
}

/** Id of a member. Some services return its address instead. */
function userIdOf(value: string): string {
  const [, id] = /\/Users\/([^/]+)$/.exec(value) ?? [];
  return id === undefined ? value : decodeURIComponent(id);
}
