import { ConnectorRefused, ConnectorUnavailable, DomainError, type MembershipEvidence } from '@tenure/domain';
import type { ScimGroup } from './answers.ts';
import { type FilterBelief, groupWith } from './filter-belief.ts';
import { mayHoldMore, showsMember } from './group-members.ts';
import type { ScimResources } from './resources.ts';

/** Asks about one membership. @returns how the target answered */
export type AskGroup = (groupId: string, userId: string, signal: AbortSignal) => Promise<MembershipEvidence>;

/**
 * Asks by a filter with both conditions, and where that shows nothing, or cannot be believed, reads the group itself. What a filter
 * does not find proves nothing alone: some targets know no filter by member and answer with an empty list.
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

  /** Some show members only to whoever asks for them by name; many do not know how to ask so, which says nothing. */
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

/** Of a group alone, some say in no words of SCIM that it is gone. That is not believed, and keeps nobody from being disabled either. */
function unlessUnknownPath(error: unknown): undefined {
  if (!(error instanceof ConnectorUnavailable) || error.details['status'] !== '404') throw error;
}

/** A right to read groups that is missing must not keep an account from being disabled. @returns `null` when the target refuses to be asked */
export async function refusable<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ConnectorRefused) return null;
    throw error;
  }
}
