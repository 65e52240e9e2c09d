import { type Failures, ofTarget } from '../failures.ts';
import type { GroupLease, GroupWrite } from '../group-lease.ts';
import type { ScimGroup, ScimUser } from './answers.ts';
import { refusable } from './ask-group.ts';
import type { ChangeOutcome } from './change-resource.ts';
import { mayHoldMore, membersWithout, showsMember } from './group-members.ts';
import type { ScimResources } from './resources.ts';

/** Adds or removes one member by writing the whole group, as its only writer. */
export type PutMember = (write: GroupWrite, isMember: boolean) => Promise<ChangeOutcome<ScimGroup>>;

interface Parts {
  readonly users: ScimResources<ScimUser>;
  readonly groups: ScimResources<ScimGroup>;
  readonly lease: GroupLease;
  readonly failures: Failures;
}

/** Maximum number of attempts (read, write, read back) when reading back shows a concurrent change. */
const mostTries = 3;

export function putMemberOf({ users, groups, lease, failures }: Parts): PutMember {
  /** True after a group showed no member after a PUT with one: from then on a group without members does not count as empty. */
  let hidesMembers = false;
  const unseen = (entitlement: string): Error =>
    failures.refused(
      `it does not show all members of "${entitlement}", and accepts groups only as a whole (PUT): members that it does not show would be lost. Change this membership in the target, or enable PATCH there`,
      { ...ofTarget, entitlement },
    );

  // Never by a list in `value` of a PATCH, which some targets read as one member and others as the whole group.
  const withoutEffect = (entitlement: string, isMember: boolean): Error =>
    failures.refused(
      `it accepts the whole group "${entitlement}" (PUT) and does not change its members, and it takes no PATCH of ${isMember ? 'members' : 'members[value eq "…"]'}: ` +
        `change this membership there, or let it take such a PATCH (RFC 7644 section 3.5.2)`,
      { ...ofTarget, entitlement },
    );

  /** Checks that the group shows all members. With none or a round number, the next write might lose some: users who list the group reveal them. */
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
        // The answer to the PUT itself is not an older copy of the group.
        const answered = outcome.resource;
        if (answered?.members?.length && !isAsWanted(answered)) throw withoutEffect(entitlement, isMember);
        if (tries === mostTries)
          throw failures.unavailable(`group "${entitlement}": it was written, and does not show the change when it is read back`, { entitlement });
      }
    });
}

/** Ids of members that only one of two observations of a group shows. */
function differing(one: ScimGroup, other: ScimGroup): readonly string[] {
  const without = (group: ScimGroup, from: ScimGroup): readonly string[] =>
    (group.members ?? []).map(({ value }) => value).filter((id) => !showsMember(from, id));
  return [...without(one, other), ...without(other, one)];
}
