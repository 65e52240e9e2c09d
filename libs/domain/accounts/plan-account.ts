import { type AcceptedWrites, NOTHING_ACCEPTED } from './accepted-writes.ts';
import { verdictOf } from './observation.ts';
import { canonicalValue, changedAttributes, ruleOf } from './account-values.ts';
import type { AttributeValue } from '../identity/facts.ts';
import type { AccountAttributes, AttributeRules, Change, DesiredAccount, ObservedAccount } from './account.ts';

/** Context of a plan, apart from the desired and the observed account. */
export interface PlanScope {
  /** Entitlements of that target that policy knows or has known; all others are left alone. */
  readonly managed: ReadonlySet<string>;
  readonly rules?: AttributeRules;
  /** Memberships that the target has shown of somebody, at any time: an answer of it that shows nobody in there means something. */
  readonly shown?: ReadonlySet<string>;
  /** Writes that the target has accepted already: they decide where the target does not show the result. */
  readonly accepted?: AcceptedWrites;
  /** Short digest of a value's text, as `accepted` has it; only needed where an attribute is write-only. */
  readonly digest?: (text: string) => string;
}

/**
 * The changes that bring an account from what was observed to what is desired, in order: what takes away goes first, disabling
 * before all else. Empty when nothing differs, as far as the target shows it. What Tenure gave is taken explicitly, shown or not.
 * @param observed `null`: the target said that there is none; `undefined`: it was never read, so an account may be there
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
  const attributes = differing(desired.attributes, observed.attributes, scope);
  if (Object.keys(attributes).length > 0) changes.push({ kind: 'update', attributes });
  if (desired.state === 'enabled' && isState(observed, accepted) !== 'enabled') changes.push({ kind: 'enable' });
  for (const entitlement of give) changes.push({ kind: 'addMember', entitlement });
  return changes;
}

function planNew({ state, attributes, entitlements }: DesiredAccount): Change[] {
  const members = [...new Set(entitlements)].sort().map((entitlement) => ({ kind: 'addMember' as const, entitlement }));
  return [{ kind: 'create', attributes: changedAttributes(attributes, {}), enabled: state === 'enabled' }, ...members];
}

/** Changes that close an account that was never read: reading it shows whether there is anything to close. */
function windDown(desired: DesiredAccount, { memberships }: AcceptedWrites): Change[] {
  const kept = new Set(desired.state === 'absent' ? [] : desired.entitlements);
  const take = Object.keys(memberships).filter((name) => memberships[name]?.takenAt === null && !kept.has(name));
  const members = take.sort().map((entitlement) => ({ kind: 'removeMember' as const, entitlement }));
  return [{ kind: 'disable' }, ...members, ...(desired.state === 'absent' ? [{ kind: 'delete' } as const] : [])];
}

/** Where the target does not say whether somebody can log in, what it accepted last counts for planning; it confirms nothing. */
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
    // A former name makes nobody a member: giving it anew is what replaces that name by the present one.
    const isHidden = evidence !== undefined && evidence !== 'former-name' && verdictOf(evidence, hasBeenShown(scope, name)) === 'NOT_VISIBLE';
    return !(isHidden && given !== undefined && given.givenAt !== null);
  });
  const seen = [...held].filter((name) => managed.has(name));
  const given = Object.entries(accepted.memberships).filter(([name, { givenAt, takenAt }]) => {
    // It may be under way. Where others are shown it did not arrive.
    return takenAt === null && (givenAt !== null || evidenceOf(name) !== 'others-shown');
  });
  const same = groupsOf(wanted, observed);
  const isOther = (name: string): boolean => !wanted.has(name) && !isSameGroup(name, same, observed);
  const take = [...new Set([...seen, ...given.map(([name]) => name)])].filter(isOther);
  return { give: give.sort(), take: take.sort() };
}

/** The target's own ids of the groups that these names mean. */
export function groupsOf(names: ReadonlySet<string>, { memberships }: Pick<ObservedAccount, 'memberships'>): ReadonlySet<string> {
  return new Set(memberships.filter(({ entitlement }) => names.has(entitlement)).flatMap(({ groupId }) => groupId ?? []));
}

/**
 * Whether a name means one of these groups, so that it is another name of what is wanted: policy wrote it in other upper and lower case before, or
 * somebody renamed the group. Taking it would take what is wanted, for ever by turns.
 */
export function isSameGroup(name: string, ids: ReadonlySet<string>, { memberships }: Pick<ObservedAccount, 'memberships'>): boolean {
  return memberships.some(({ entitlement, groupId }) => entitlement === name && groupId !== null && ids.has(groupId));
}

/** True: the target can show this membership, since it has shown it of this account or another one. */
export function hasBeenShown({ shown, accepted = NOTHING_ACCEPTED }: PlanScope, name: string): boolean {
  return (accepted.memberships[name]?.shownAt ?? null) !== null || shown?.has(name) === true;
}

/** Our attributes that the target shows otherwise, and of those that it never shows those that it has not been told yet. */
function differing(ours: AccountAttributes, theirs: AccountAttributes, { rules = {}, accepted = NOTHING_ACCEPTED, digest }: PlanScope): AccountAttributes {
  const compared = changedAttributes(ours, theirs, rules);
  const isUntold = ([name, value]: readonly [string, AttributeValue]): boolean =>
    ruleOf(rules, name)?.writeOnly === true && digest !== undefined && accepted.attributes[name] !== digest(canonicalValue(value));
  return Object.fromEntries(Object.entries(ours).filter((entry) => Object.hasOwn(compared, entry[0]) || isUntold(entry)));
}
