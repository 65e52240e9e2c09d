import { type AcceptedWrites, NOTHING_ACCEPTED } from './accepted-writes.ts';
import { verdictOf } from './observation.ts';
import { canonicalValue, changedAttributes, ruleOf } from './account-values.ts';
import type { AttributeValue } from '../identity/facts.ts';
import type { AccountAttributes, AttributeRules, Change, DesiredAccount, ObservedAccount } from './account.ts';

/** Context of a plan beside the desired and the observed account. */
export interface PlanScope {
  /** Entitlements of that target that policy knows or has known; all others are left unchanged. */
  readonly managed: ReadonlySet<string>;
  readonly rules?: AttributeRules;
  /** Groups in which the target has ever shown a member, so that an answer without members proves absence. */
  readonly shown?: ReadonlySet<string>;
  /** Writes that the target has already accepted: they are decisive if the target does not show the result. */
  readonly accepted?: AcceptedWrites;
  /** Short digest of a value's text, as in `accepted`; only needed for write-only attributes. */
  readonly digest?: (text: string) => string;
}

/**
 * Returns the changes that bring an account from its observed to its desired state, in order: disabling first, then removals, then all others.
 * Empty if nothing differs, as far as the target shows it. Memberships that Tenure added are removed explicitly, whether the target shows them or
 * not.
 * @param observed `null`: the target answered that there is no account; `undefined`: it was never read, so an account may exist
 */
export function planAccount(desired: DesiredAccount, observed: ObservedAccount | null | undefined, scope: PlanScope): Change[] {
  const { accepted = NOTHING_ACCEPTED } = scope;
  const mayBeNew = desired.state !== 'absent' && desired.onlyExisting !== true;
  if (observed === undefined && !mayBeNew) return windDown(desired, accepted);
  if (observed === null || observed === undefined) return mayBeNew ? planNew(desired) : [];
  const { give, take } = planMemberships(desired, observed, scope);
  const changes: Change[] = [];
  if (desired.state !== 'enabled' && isState(observed, accepted) !== 'disabled') changes.push({ kind: 'disable' });
  for (const entitlement of take) changes.push({ kind: 'removeMember', entitlement });
  if (desired.state === 'absent') return [...changes, { kind: 'delete' }];
  const attributes = differing(desired.attributes, observed, scope);
  if (Object.keys(attributes).length > 0) changes.push({ kind: 'update', attributes });
  if (desired.state === 'enabled' && isState(observed, accepted) !== 'enabled') changes.push({ kind: 'enable' });
  for (const entitlement of give) changes.push({ kind: 'addMember', entitlement });
  return changes;
}

function planNew({ state, attributes, entitlements }: DesiredAccount): Change[] {
  const members = [...new Set(entitlements)].sort().map((entitlement) => ({ kind: 'addMember' as const, entitlement }));
  return [{ kind: 'create', attributes: changedAttributes(attributes, {}), enabled: state === 'enabled' }, ...members];
}

/** Changes that wind down an account that was never read. A read shows later whether it exists. */
function windDown(desired: DesiredAccount, { memberships }: AcceptedWrites): Change[] {
  const kept = new Set(desired.state === 'absent' ? [] : desired.entitlements);
  const take = Object.keys(memberships).filter((name) => memberships[name]?.takenAt === null && !kept.has(name));
  const members = take.sort().map((entitlement) => ({ kind: 'removeMember' as const, entitlement }));
  return [{ kind: 'disable' }, ...members, ...(desired.state === 'absent' ? [{ kind: 'delete' } as const] : [])];
}

/** State of the account for planning: if the target does not report it, the state that it accepted last, which confirms nothing. */
function isState({ enabled }: ObservedAccount, { state }: AcceptedWrites): 'enabled' | 'disabled' | null {
  return enabled === null ? state : enabled ? 'enabled' : 'disabled';
}

function planMemberships(
  desired: DesiredAccount,
  observed: ObservedAccount,
  scope: PlanScope,
): { readonly give: readonly string[]; readonly take: readonly string[] } {
  const { managed, accepted = NOTHING_ACCEPTED } = scope;
  const wanted = new Set(desired.state === 'absent' ? [] : desired.entitlements);
  const held = new Set(observed.entitlements);
  const evidenceOf = (name: string) => observed.memberships.find(({ entitlement }) => entitlement === name)?.evidence;
  const give = [...wanted].filter((name) => {
    if (held.has(name)) return false;
    const [evidence, given] = [evidenceOf(name), accepted.memberships[name]];
    // A former name makes nobody a member: adding the membership again replaces it by the current name.
    const isHidden = evidence !== undefined && evidence !== 'former-name' && verdictOf(evidence, hasBeenShown(scope, name)) === 'NOT_VISIBLE';
    return !(isHidden && given !== undefined && given.givenAt !== null);
  });
  const seen = [...held].filter((name) => managed.has(name));
  const given = Object.entries(accepted.memberships).filter(([name, { givenAt, takenAt }]) => {
    // A planned membership may be in progress, unless the target shows other members and not this one.
    return takenAt === null && (givenAt !== null || evidenceOf(name) !== 'others-shown');
  });
  const same = groupsOf(wanted, observed);
  const isOther = (name: string): boolean => !wanted.has(name) && !isSameGroup(name, same, observed);
  const take = [...new Set([...seen, ...given.map(([name]) => name)])].filter(isOther);
  return { give: give.sort(), take: take.sort() };
}

/** Returns the target's own ids of the groups with these names. */
export function groupsOf(names: ReadonlySet<string>, { memberships }: Pick<ObservedAccount, 'memberships'>): ReadonlySet<string> {
  return new Set(memberships.filter(({ entitlement }) => names.has(entitlement)).flatMap(({ groupId }) => groupId ?? []));
}

/**
 * True if a name denotes one of these groups and is therefore another name of a desired group: policy wrote it in another case before, or
 * the group was renamed. Removing it would remove the desired membership, which would then be added and removed again and again.
 */
export function isSameGroup(name: string, ids: ReadonlySet<string>, { memberships }: Pick<ObservedAccount, 'memberships'>): boolean {
  return memberships.some(({ entitlement, groupId }) => entitlement === name && groupId !== null && ids.has(groupId));
}

/** True if the target can show members of this group, since it has shown this account or another one in it. */
export function hasBeenShown({ shown, accepted = NOTHING_ACCEPTED }: PlanScope, name: string): boolean {
  return (accepted.memberships[name]?.shownAt ?? null) !== null || shown?.has(name) === true;
}

/** Our attributes whose value in the target differs, and write-only ones whose current value has not been written yet. */
function differing(
  ours: AccountAttributes,
  { attributes: theirs, differing: others = [] }: ObservedAccount,
  { rules = {}, accepted = NOTHING_ACCEPTED, digest }: PlanScope,
): AccountAttributes {
  const compared = changedAttributes(ours, theirs, rules);
  const isUntold = ([name, value]: readonly [string, AttributeValue]): boolean =>
    ruleOf(rules, name)?.writeOnly === true && digest !== undefined && accepted.attributes[name] !== digest(canonicalValue(value));
  return Object.fromEntries(Object.entries(ours).filter((entry) => Object.hasOwn(compared, entry[0]) || others.includes(entry[0]) || isUntold(entry)));
}
