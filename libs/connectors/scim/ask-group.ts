import { ConnectorRefused, ConnectorUnavailable, DomainError, type MembershipEvidence } from '@tenure/domain';
import type { ScimGroup } from './answers.ts';
import { type FilterBelief, groupWith } from './filter-belief.ts';
import { mayHoldMore, showsMember } from './group-members.ts';
import type { ScimResources } from './resources.ts';

/** Queries one membership. @returns evidence of the target's answer */
export type AskGroup = (groupId: string, userId: string, signal: AbortSignal) => Promise<MembershipEvidence>;

/**
 * Creates a query by a filter with both conditions; if that shows nothing, or is not reliable, the group itself is read. An empty result
 * of a filter alone proves nothing: some targets do not support filters by member and answer with an empty list.
 */
export function askGroupOf(groups: ScimResources<ScimGroup>, belief: FilterBelief): AskGroup {
  async function showsByFilter(groupId: string, userId: string, signal: AbortSignal): Promise<boolean | 'not-filtered'> {
    const answer = await groups.find(groupWith(groupId)(userId), signal);
    const group = answer?.items.find(({ id }) => id === groupId);
    if (group === undefined) return answer !== null && answer.items.length > 0 ? 'not-filtered' : false;
    if (showsMember(group, userId)) return true;
    return (await belief.leavesOut('group', groupWith(groupId), userId, signal)) || 'not-filtered';
  }

  async function showsBySelf(groupId: string, userId: string, signal: AbortSignal): Promise<MembershipEvidence> {
    const read = await groups.read(groupId, signal).catch(unlessUnknownPath);
    if (read === undefined) return 'incomplete';
    if (read === null) return 'no-such-group';
    const group = read.members == null ? ((await readMembers(groupId, signal)) ?? read) : read;
    if (showsMember(group, userId)) return 'shown';
    if (!group.members?.length) return 'nothing-shown';
    return mayHoldMore(group) && !(await belief.finds(group, signal)) ? 'incomplete' : 'others-shown';
  }

  /** Reads the members of a group by name, without which some targets do not show them; many do not support this, which proves nothing. */
  async function readMembers(groupId: string, signal: AbortSignal): Promise<ScimGroup | null> {
    return groups.read(groupId, signal, ['displayName', 'members']).catch((error: unknown) => {
      if (error instanceof DomainError) return null;
      throw error;
    });
  }

  return async (groupId, userId, signal) => {
    const byFilter = await refusable(() => showsByFilter(groupId, userId, signal));
    if (byFilter === true) return 'shown';
    const bySelf = await refusable(() => showsBySelf(groupId, userId, signal));
    if (bySelf !== null) return bySelf;
    return byFilter === 'not-filtered' ? 'not-filtered' : 'not-supported';
  };
}

/** Ignores an error for an unknown path: some targets answer so for a deleted group. It proves nothing, and must not prevent disabling an account. */
function unlessUnknownPath(error: unknown): undefined {
  if (!(error instanceof ConnectorUnavailable) || error.details['status'] !== '404') throw error;
}

/** Runs a query that the target may refuse: a missing right to read groups must not prevent disabling an account. @returns `null` if refused */
export async function refusable<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConnectorRefused) return null;
    throw error;
  }
}
