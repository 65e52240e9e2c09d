import type { ScimGroup } from './answers.ts';
import { nobodyLike } from './nobody-like.ts';
import type { ScimResources } from './resources.ts';

/** Filter of groups by a member, or by a group's id and a member. */
export type MemberFilter = (userId: string) => string;

export const groupsWith: MemberFilter = (userId) => `members.value eq ${JSON.stringify(userId)}`;
export const groupWith =
  (groupId: string): MemberFilter =>
  (userId) =>
    `id eq ${JSON.stringify(groupId)} and ${groupsWith(userId)}`;

/** Milliseconds for which a result of a test of a target's filters is used. */
const remembered = 10 * 60_000;

/**
 * Reliability of a target's filters by member. A target that does not support them may answer with all groups, or with none, in both cases
 * with status 200; so it is tested with a member that does not exist.
 */
export interface FilterBelief {
  /** True if the filter for an unknown member finds nothing: then results for a real member count. */
  leavesOut(kind: 'groups' | 'group', filter: MemberFilter, userId: string, signal: AbortSignal): Promise<boolean>;
  /** True if the filter for a shown member of the group finds it: then a missing result proves that somebody is not a member. */
  finds(group: ScimGroup, signal: AbortSignal): Promise<boolean>;
}

export function filterBeliefOf(groups: ScimResources<ScimGroup>): FilterBelief {
  const known = new Map<string, { readonly isObeyed: boolean; readonly until: number }>();
  return {
    async leavesOut(kind, filter, userId, signal) {
      const before = known.get(kind);
      if (before && before.until > Date.now()) return before.isObeyed;
      const answer = await groups.find(filter(nobodyLike(userId)), signal);
      const isObeyed = answer?.isWhole === true && answer.items.length === 0;
      known.set(kind, { isObeyed, until: Date.now() + remembered });
      return isObeyed;
    },
    async finds(group, signal) {
      const somebody = group.members?.find(({ type }) => type !== 'Group')?.value;
      if (somebody === undefined) return false;
      const answer = await groups.find(groupWith(group.id)(somebody), signal);
      return answer !== null && answer.items.length === 1 && answer.items[0]?.id === group.id;
    },
  };
}
