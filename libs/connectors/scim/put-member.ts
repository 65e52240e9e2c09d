import { type Failures, ofTarget } from '../failures.ts';
import type { GroupLease, GroupWrite } from '../group-lease.ts';
import type { ScimGroup, ScimUser } from './answers.ts';
import { refusable } from './ask-group.ts';
import type { ChangeOutcome } from './change-resource.ts';
import { mayHoldMore, membersWithout, showsMember } from './group-members.ts';
import type { ScimResources } from './resources.ts';

/** Gives or takes one membership by writing the whole group, as its only writer. */
export type PutMember = (write: GroupWrite, isMember: boolean) => Promise<ChangeOutcome<ScimGroup>>;

interface Parts {
  readonly users: ScimResources<ScimUser>;
  readonly groups: ScimResources<ScimGroup>;
  readonly lease: GroupLease;
  readonly failures: Failures;
}

/** Reading, writing and reading again, when reading again shows that somebody else was faster. */
const mostTries = 3;

export function putMemberOf({ users, groups, lease, failures }: Parts): PutMember {
  /** After a PUT that named a member it showed nobody: from then on a group that shows nobody is not taken for an empty one. */
  let hidesMembers = false;
  const unseen = (entitlement: string): Error =>
    failures.refused(
      `it does not show all members of "${entitlement}", and accepts groups only as a whole (PUT): members that it does not show would be lost. Change this membership in the target, or enable PATCH there`,
      { ...ofTarget, entitlement },
    );

  // Never by a list in `value` of a PATCH, which some understand as one member and others as the whole group.
  const withoutEffect = (entitlement: string, isMember: boolean): Error =>
    failures.refused(
      `it accepts the whole group "${entitlement}" (PUT) and does not change its members, and it takes no PATCH of ${isMember ? 'members' : 'members[value eq "…"]'}: ` +
        `change this membership there, or let it take such a PATCH (RFC 7644 section 3.5.2)`,
      { ...ofTarget, entitlement },
    );

  /** A group that shows nobody, or a round number, may have members who would be lost with the next write: those who list the group know. */
  async function mustShowAll(group: ScimGroup, { entitlement, signal }: GroupWrite): Promise<void> {
    const shown = group.members?.length ?? 0;
    if (shown === 0 && hidesMembers) throw unseen(entitlement);
    if (shown > 0 && !mayHoldMore(group)) return;
    const listing = await refusable(() => users.find(`groups.value eq ${JSON.stringify(group.id)}`, signal));
    const members = listing?.items.filter((user) => user.groups?.some(({ value, type }) => value === group.id && type !== 'indirect')) ?? [];
    if (members.some(({ id }) => !showsMember(group, id))) throw unseen(entitlement);
  }

  return (write, isMember) =>
    lease.hold(write, async (turn) => {
      const { groupId, entitlement, memberId, signal } = write;
      const isAsWanted = (group: ScimGroup): boolean => showsMember(group, memberId) === isMember;
      const changed = (group: ScimGroup): ScimGroup => {
        const others = membersWithout(group, memberId);
        return { ...group, members: isMember ? [...others, { value: memberId }] : others };
      };
      for (let tries = 1; ; tries += 1) {
        let sent: ScimGroup | null = null;
        const whole = async (group: ScimGroup): Promise<ScimGroup | null> => {
          if (!(isAsWanted(group) && group.members?.length)) await mustShowAll(group, write);
          return isAsWanted(group) ? null : (sent = changed(group));
        };
        const outcome = await groups.put(groupId, whole, signal, (send) => turn.write(send));
        if (outcome.kind !== 'done' || sent === null) return outcome;
        const after = await groups.read(groupId, signal);
        if (after === null) return { kind: 'gone' };
        hidesMembers ||= isMember && !after.members?.length;
        if (hidesMembers && !after.members?.length) throw unseen(entitlement);
        turn.doubt(differing(sent, after).filter((id) => id !== memberId));
        if (isAsWanted(after)) return { kind: 'done', resource: after };
        // Its own answer is no older copy of the group.
        const answered = outcome.resource;
        if (answered?.members?.length && !isAsWanted(answered)) throw withoutEffect(entitlement, isMember);
        if (tries === mostTries)
          throw failures.unavailable(`group "${entitlement}": it was written, and does not show the change when it is read back`, { entitlement });
      }
    });
}

/** Members whom one of two readings shows and the other does not. */
function differing(one: ScimGroup, other: ScimGroup): readonly string[] {
  const without = (group: ScimGroup, from: ScimGroup): readonly string[] =>
    (group.members ?? []).map(({ value }) => value).filter((id) => !showsMember(from, id));
  return [...without(one, other), ...without(other, one)];
}
