import { canonicalValue, ruleOf } from './account-values.ts';
import type { AccountAttributes, AttributeRules, Change, DesiredAccount } from './account.ts';
import type { Instant } from '../identity/facts.ts';

/** A membership that Tenure may have added. It is kept until an observation proves that it is gone. */
export interface GivenMembership {
  /** The target's own id of the group; `null`: not known. */
  readonly groupId: string | null;
  /** Time at which the target accepted it; `null`: it was planned, and may be in progress. */
  readonly givenAt: Instant | null;
  /** Time at which it was last observed; `null`: never. */
  readonly shownAt: Instant | null;
  /** Time at which the target accepted its removal; `null`: it has not been removed since it was planned. */
  readonly takenAt: Instant | null;
}

/** Writes to one account that a target has accepted from Tenure. They are the only knowledge of what the target does not show. */
export interface AcceptedWrites {
  /** State that was written last; `null`: none was. */
  readonly state: 'enabled' | 'disabled' | null;
  /** Digest of the value that was written last, by write-only attribute. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Memberships by the group's name as policy writes it. */
  readonly memberships: Readonly<Record<string, GivenMembership>>;
  /** Names under which groups list the account, beside the one that it is created with: `ObservedAccount.memberName`, newest last. Absent: none. */
  readonly names?: readonly string[];
}

export const NOTHING_ACCEPTED: AcceptedWrites = { state: null, attributes: {}, memberships: {} };

const planned: GivenMembership = { groupId: null, givenAt: null, shownAt: null, takenAt: null };

/** Records memberships before they are added, so that they are known even if the worker dies right after it added them. */
export function withDesired(accepted: AcceptedWrites, { state, entitlements }: DesiredAccount): AcceptedWrites {
  if (state === 'absent') return accepted;
  const fresh = entitlements.filter((name) => accepted.memberships[name]?.takenAt !== null);
  if (fresh.length === 0) return accepted;
  const wanted = fresh.map((name) => [name, { ...planned, ...accepted.memberships[name], givenAt: null, takenAt: null }] as const);
  return { ...accepted, memberships: { ...accepted.memberships, ...Object.fromEntries(wanted) } };
}

/** Records the group id of a membership before the target has accepted it. */
export function inGroup(accepted: AcceptedWrites, entitlement: string, groupId: string): AcceptedWrites {
  const known = accepted.memberships[entitlement] ?? planned;
  return known.groupId === groupId ? accepted : { ...accepted, memberships: { ...accepted.memberships, [entitlement]: { ...known, groupId } } };
}

/** Number of names to remember, which bounds the list. */
const mostNames = 8;

/** Records another name under which groups may list the account from now on. */
export function withName(accepted: AcceptedWrites, name: string | undefined): AcceptedWrites {
  const { names = [] } = accepted;
  return name === undefined || names.at(-1) === name ? accepted : { ...accepted, names: [...names.filter((one) => one !== name), name].slice(-mostNames) };
}

export interface AcceptedChange {
  readonly change: Change;
  /** The target's own id of the group that `addMember` returned; `null`: none. */
  readonly groupId: string | null;
}

/** Accepted writes after the target has accepted one more change. */
export function afterChange(
  accepted: AcceptedWrites,
  { change, groupId }: AcceptedChange,
  { rules, digest, now }: { readonly rules: AttributeRules; readonly digest: (text: string) => string; readonly now: Instant },
): AcceptedWrites {
  const { memberships } = accepted;
  const written = (attributes: AccountAttributes): AcceptedWrites['attributes'] => ({
    ...accepted.attributes,
    ...Object.fromEntries(
      Object.entries(attributes)
        .filter(([name]) => ruleOf(rules, name)?.writeOnly === true)
        .map(([name, value]) => [name, digest(canonicalValue(value))]),
    ),
  });
  switch (change.kind) {
    case 'create':
      return { ...accepted, state: change.enabled ? 'enabled' : 'disabled', attributes: written(change.attributes) };
    case 'update':
      return { ...accepted, attributes: written(change.attributes) };
    case 'enable':
      return { ...accepted, state: 'enabled' };
    case 'disable':
      return { ...accepted, state: 'disabled' };
    case 'addMember': {
      const known = memberships[change.entitlement] ?? planned;
      return {
        ...accepted,
        memberships: { ...memberships, [change.entitlement]: { ...known, groupId: groupId ?? known.groupId, givenAt: now, takenAt: null } },
      };
    }
    case 'removeMember': {
      const known = memberships[change.entitlement] ?? planned;
      return { ...accepted, memberships: { ...memberships, [change.entitlement]: { ...known, takenAt: now } } };
    }
    case 'delete':
      return { ...accepted, state: null };
  }
}
