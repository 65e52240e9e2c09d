import { type Failures, ofTarget } from '../failures.ts';
import type { ScimGroup } from './answers.ts';
import type { AskGroup } from './ask-group.ts';
import type { ChangeOutcome } from './change-resource.ts';
import type { GroupNames } from './find-group.ts';
import { showsMember } from './group-members.ts';
import type { ScimHttp } from './http.ts';
import type { PutMember } from './put-member.ts';
import type { ScimResources } from './resources.ts';
import type { WritingMethods } from './writing-methods.ts';

export interface WritesMemberships {
  /**
   * Adds a member.
   * @param onGroup called with the id of the group, and awaited, before anything is written
   * @returns id of the group
   * @throws ConnectorRefused when there is no group of that name, or several that differ only by case
   */
  add(entitlement: string, userId: string, signal: AbortSignal, onGroup?: (groupId: string) => Promise<void>): Promise<string>;
  /** Removes a member from the group with this id, and from the one of this name. Success if there is no such group or member. */
  remove(entitlement: string, userId: string, groupId: string | null, signal: AbortSignal): Promise<void>;
}

interface Parts {
  readonly groups: ScimResources<ScimGroup>;
  readonly names: GroupNames;
  readonly ask: AskGroup;
  readonly put: PutMember;
  readonly methods: WritingMethods;
  readonly http: ScimHttp;
  readonly failures: Failures;
}

/** A membership to be written. */
interface Wish {
  readonly groupId: string;
  readonly entitlement: string;
  readonly memberId: string;
  readonly signal: AbortSignal;
}

const syntax: ReadonlySet<string> = new Set(['invalidPath', 'invalidFilter', 'invalidSyntax']);
/** Milliseconds for which an accepted removal is stored. */
const remembered = 3600_000;
const mostRemembered = 10_000;

export function writeMembershipsOf({ groups, names, ask, put, methods, http, failures }: Parts): WritesMemberships {
  /** Accepted removals, by group and account: a repeated request shows that the first had no effect. */
  const accepted = new Map<string, number>();

  const patchAdd = ({ groupId, memberId, signal }: Wish): Promise<ChangeOutcome<ScimGroup>> =>
    groups.patch(groupId, [{ op: 'add', path: 'members', value: [{ value: memberId }] }], signal);
  // By a filter, never by a list in `value`, for which some targets clear the whole group.
  const patchRemove = ({ groupId, memberId, signal }: Wish): Promise<ChangeOutcome<ScimGroup>> =>
    groups.patch(groupId, [{ op: 'remove', path: `members[value eq ${JSON.stringify(memberId)}]` }], signal);

  async function byMethods(wish: Wish, isMember: boolean): Promise<ChangeOutcome<ScimGroup>> {
    const use = isMember ? 'added members' : 'removed members';
    for (const method of await methods.order(use, wish.signal)) {
      const outcome = method === 'PUT' ? await put(wish, isMember) : await (isMember ? patchAdd(wish) : patchRemove(wish));
      if (outcome.kind !== 'not-taken') return outcome;
      methods.notTaken(use, method);
    }
    throw failures.refused('the target supports neither PATCH nor PUT for groups: enable one of them', { ...ofTarget, entitlement: wish.entitlement });
  }

  async function give(wish: Wish): Promise<void> {
    const outcome = await byMethods(wish, true);
    if (outcome.kind === 'done' || outcome.kind === 'unchanged') return;
    // Some targets refuse to add an existing member.
    if ((await ask(wish.groupId, wish.memberId, wish.signal)) === 'shown') return;
    if (outcome.kind !== 'refused') throw failures.unavailable('the group or the account went away meanwhile', { entitlement: wish.entitlement });
    const { status, scimType } = outcome.answer;
    if (status === 409) throw failures.unavailable('the group was changed meanwhile', { entitlement: wish.entitlement, status: '409' });
    if (status === 400 && scimType !== null && syntax.has(scimType)) return giveWhole(wish);
    throw http.refusal(outcome.answer, `adding to the group "${wish.entitlement}"`);
  }

  async function giveWhole(wish: Wish): Promise<void> {
    const outcome = await put(wish, true);
    if (outcome.kind === 'refused') throw http.refusal(outcome.answer, `writing the group "${wish.entitlement}"`);
    if (outcome.kind === 'not-taken')
      throw failures.refused(`no member can be added to the group "${wish.entitlement}": the target supports neither PATCH of members nor PUT`, {
        ...ofTarget,
        entitlement: wish.entitlement,
      });
    if (outcome.kind === 'gone') throw failures.unavailable('the group went away meanwhile', { entitlement: wish.entitlement });
  }

  /** Removes a membership. If the target still shows it, whatever it answered, the group is written whole. */
  async function take(wish: Wish): Promise<void> {
    const key = `${wish.groupId} ${wish.memberId}`;
    const isRepeated = (accepted.get(key) ?? 0) > Date.now() - remembered;
    const outcome = await byMethods(wish, false);
    const isShown = outcome.kind === 'done' && outcome.resource !== null && showsMember(outcome.resource, wish.memberId);
    if ((outcome.kind === 'done' && !isShown && !isRepeated) || outcome.kind === 'unchanged') {
      if (accepted.size >= mostRemembered) accepted.clear();
      accepted.set(key, Date.now());
      return;
    }
    const evidence = await ask(wish.groupId, wish.memberId, wish.signal);
    if (evidence === 'shown') return takeWhole(wish, outcome);
    if (outcome.kind !== 'refused' || outcome.answer.scimType === 'noTarget' || evidence === 'no-such-group' || evidence === 'others-shown') return;
    throw http.refusal(outcome.answer, `removing from the group "${wish.entitlement}"`);
  }

  async function takeWhole(wish: Wish, patched: ChangeOutcome<ScimGroup>): Promise<void> {
    const { entitlement } = wish;
    // An earlier PUT without effect has thrown already.
    const whole = await put(wish, false);
    if (whole.kind === 'done' || whole.kind === 'gone') return;
    if (whole.kind === 'refused') throw http.refusal(whole.answer, `writing the group "${entitlement}"`);
    if (patched.kind === 'refused') throw http.refusal(patched.answer, `removing from the group "${entitlement}"`);
    throw failures.unavailable(`removing from the group "${entitlement}": it was accepted, and the membership is still shown`, { entitlement });
  }

  return {
    async add(entitlement, memberId, signal, onGroup) {
      const group = await names.mustFind(entitlement, signal);
      if (group === null) throw failures.refused(`there is no group "${entitlement}": create it there, or correct the policy`, { ...ofTarget, entitlement });
      await onGroup?.(group.id);
      await give({ groupId: group.id, entitlement, memberId, signal });
      return group.id;
    },
    async remove(entitlement, memberId, groupId, signal) {
      if (groupId !== null) await take({ groupId, entitlement, memberId, signal });
      // The name may belong to another group now, in which the account may be a member too.
      const group = groupId === null ? await names.mustFind(entitlement, signal) : await names.find(entitlement, null, signal);
      if (group !== null && typeof group === 'object' && group.id !== groupId) await take({ groupId: group.id, entitlement, memberId, signal });
    },
  };
}
