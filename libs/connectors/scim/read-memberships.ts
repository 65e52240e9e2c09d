import type { MembershipEvidence, MembershipQuestion, MembershipSighting } from '@tenure/domain';
import type { ScimGroup, ScimGroupReference, ScimUser } from './answers.ts';
import { type AskGroup, refusable } from './ask-group.ts';
import { type FilterBelief, groupsWith } from './filter-belief.ts';
import type { GroupNames } from './find-group.ts';
import { asWritten, directGroups, isCalled, showsMember } from './group-members.ts';
import type { Found, ScimResources } from './resources.ts';

/** Memberships of one account, as far as its target shows them. */
export interface Memberships {
  /** Sorted names of its observed groups: as requested, else as in the target. */
  readonly entitlements: readonly string[];
  readonly sightings: readonly MembershipSighting[];
}

export interface ReadsMemberships {
  /** Memberships of one user: each question is answered as far as possible; without questions, only groups that the user itself lists count. */
  of(user: ScimUser, questions: readonly MembershipQuestion[], signal: AbortSignal): Promise<Memberships>;
  /**
   * Names of the direct groups that these users list, by user id; users who list none are left out.
   * @param entitlements names in the policy, used for their groups
   */
  listedBy(users: readonly ScimUser[], entitlements: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
}

interface Parts {
  readonly groups: ScimResources<ScimGroup>;
  readonly names: GroupNames;
  readonly belief: FilterBelief;
  readonly ask: AskGroup;
}

/** Milliseconds for which a listing goes on with the names of groups that an earlier page has read. */
const remembered = 60_000;

/** A group in which the account was observed. */
interface Seen {
  readonly id: string;
  /** Name of the group; `null`: the target shows only its id. */
  readonly name: string | null;
}

/** A membership to be determined, with the observations of the account so far. */
interface Asked {
  readonly question: MembershipQuestion;
  readonly userId: string;
  readonly seen: readonly Seen[];
  /** Reads all groups, once for all questions. */
  readonly all: () => Promise<Found<ScimGroup>>;
}

export function readMembershipsOf({ groups, names, belief, ask }: Parts): ReadsMemberships {
  /** Names of groups that users list by id alone: read once for the pages of a listing. */
  let listedNames: { readonly until: number; readonly of: Map<string, Promise<string | null> | string> } = { until: 0, of: new Map() };

  /** Groups that the user itself lists: each proves a membership. Many targets list only some groups, or none, so a missing group proves nothing. */
  async function listed(user: ScimUser, signal: AbortSignal): Promise<readonly Seen[]> {
    const direct = directGroups(user);
    const nameOf = async (id: string): Promise<string | null> => (await refusable(() => groups.read(id, signal)))?.displayName ?? null;
    return Promise.all(direct.map(async ({ value, display }) => ({ id: value, name: display ?? (await nameOf(value)) })));
  }

  /** Groups with this member, by one filter: those that show the member, and the others if the target is known to filter. */
  async function filtered(userId: string, signal: AbortSignal): Promise<readonly Seen[] | null> {
    const found = await refusable(() => groups.find(groupsWith(userId), signal));
    if (found === null) return null;
    const silent = found.items.filter((group) => !showsMember(group, userId));
    const isObeyed = silent.length === 0 || (await belief.leavesOut('groups', groupsWith, userId, signal));
    return found.items.filter((group) => isObeyed || showsMember(group, userId)).map(({ id, displayName }) => ({ id, name: displayName }));
  }

  async function holding(userId: string, signal: AbortSignal): Promise<readonly Seen[]> {
    const all = await refusable(() => groups.all(signal));
    return (all?.items ?? []).filter((group) => showsMember(group, userId)).map(({ id, displayName }) => ({ id, name: displayName }));
  }

  async function seenOf(user: ScimUser, isAsked: boolean, signal: AbortSignal): Promise<readonly Seen[]> {
    if (user.groups?.length || !isAsked) return listed(user, signal);
    const found = await filtered(user.id, signal);
    // An empty list may be all that this target ever lists. All groups are read only for users without such a list.
    return found ?? (user.groups ? [] : holding(user.id, signal));
  }

  /** Answers a question by the stored id, and if that does not show the membership, also by the name, which may belong to another group now. */
  async function answered({ question: { entitlement, groupId }, userId, seen, all }: Asked, signal: AbortSignal): Promise<MembershipSighting> {
    const about = (id: string): Promise<MembershipEvidence> | 'shown' => (seen.some((group) => group.id === id) ? 'shown' : ask(id, userId, signal));
    const known = groupId === null ? null : await about(groupId);
    if (groupId !== null && known === 'shown') return { entitlement, groupId, evidence: known };
    const named = await refusable(() => names.find(entitlement, groupId === null ? all : null, signal));
    if (groupId === null && (named === 'several' || named === 'unknown')) return { entitlement, groupId, evidence: 'incomplete' };
    if (named === null || typeof named === 'string' || named.id === groupId) {
      const listed = groupId === null ? seenAs(entitlement, seen) : null;
      return listed === null ? { entitlement, groupId, evidence: known ?? 'nothing-shown' } : { entitlement, groupId: listed.id, evidence: 'shown' };
    }
    const other = await about(named.id);
    if (known === null || known === 'no-such-group' || other === 'shown') return { entitlement, groupId: named.id, evidence: other };
    return { entitlement, groupId, evidence: weaker(known, other) };
  }

  return {
    async of(user, questions, signal) {
      const seen = await seenOf(user, questions.length > 0, signal);
      let listing: Promise<Found<ScimGroup>> | null = null;
      const all = (): Promise<Found<ScimGroup>> => (listing ??= groups.all(signal));
      const sightings = await Promise.all(
        questions.map(async (question): Promise<MembershipSighting> => {
          if (question.isNeeded) return answered({ question, userId: user.id, seen, all }, signal);
          const { entitlement, groupId } = question;
          const group = seen.find(({ id }) => id === groupId) ?? seenAs(entitlement, seen);
          return group === null ? { entitlement, groupId, evidence: 'nothing-shown' } : { entitlement, groupId: group.id, evidence: 'shown' };
        }),
      );
      const asked = sightings.filter(({ evidence }) => evidence === 'shown');
      const others = seen.filter(({ id }) => !asked.some(({ groupId }) => groupId === id)).flatMap(({ name }) => name ?? []);
      return { entitlements: [...new Set([...asked.map(({ entitlement }) => entitlement), ...others])].sort(), sightings };
    },

    async listedBy(users, entitlements, signal) {
      if (listedNames.until <= Date.now()) listedNames = { until: Date.now() + remembered, of: new Map() };
      const { of } = listedNames;
      const written = sharedLists(entitlements);
      const namesOf = async (direct: readonly ScimGroupReference[]): Promise<readonly string[]> => {
        const named = await Promise.all(
          direct.map(({ value, display }) => {
            const name = display ?? of.get(value) ?? refusable(() => groups.read(value, signal)).then((group) => group?.displayName ?? null);
            if (display == null) of.set(value, name);
            return name;
          }),
        );
        return written(named.filter((name) => name !== null));
      };
      const held = new Map<string, readonly string[]>();
      const unnamed: Promise<unknown>[] = [];
      for (const user of users) {
        if (user.groups == null) continue;
        const direct = directGroups(user);
        if (direct.every(({ display }) => display != null)) held.set(user.id, written(direct.map(({ display }) => display ?? '')));
        else unnamed.push(namesOf(direct).then((names) => held.set(user.id, names)));
      }
      await Promise.all(unnamed);
      return held;
    },
  };
}

/** Sorted names of groups as they are written in the policy. Users who are in the same groups share one list. */
function sharedLists(entitlements: readonly string[]): (names: readonly string[]) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  return (names) => {
    let key = '';
    for (const name of names) key += `${name.length}:${name}`;
    const list = known.get(key) ?? [...new Set(names.map((name) => asWritten(name, entitlements)))].sort();
    known.set(key, list);
    return list;
  };
}

/** Observed group with exactly this name, else the one whose name differs only by case. */
function seenAs(name: string, seen: readonly Seen[]): Seen | null {
  const alike = seen.filter((group) => isCalled(group.name, name));
  return alike.find((group) => group.name === name) ?? (alike.length === 1 ? (alike[0] ?? null) : null);
}

/** Evidence, from the weakest proof to the strongest. */
const order: readonly MembershipEvidence[] = ['not-supported', 'not-filtered', 'incomplete', 'nothing-shown', 'others-shown', 'no-such-group'];

/** Weaker of two kinds of evidence: of two groups of an entitlement, absence is proved only if it is proved of both. */
function weaker(one: MembershipEvidence, other: MembershipEvidence): MembershipEvidence {
  return order.indexOf(one) < order.indexOf(other) ? one : other;
}
