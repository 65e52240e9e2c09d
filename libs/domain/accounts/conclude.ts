import { canonicalValue, ruleOf, sameValue } from './account-values.ts';
import type { Change, DesiredAccount, ObservedAccount } from './account.ts';
import type { AttributeValue, Instant } from '../identity/facts.ts';
import { groupsOf, hasBeenShown, isSameGroup, planAccount, type PlanScope } from './plan-account.ts';
import { type AcceptedWrites, type GivenMembership, withName } from './accepted-writes.ts';
import { type Aspect, type Observation, type Verdict, verdictOf } from './observation.ts';

/** Number of consecutive reads with the same result after a write that prove that the target does not apply the write. */
export const EQUAL_READINGS = 3;
/**
 * Least time between the first and the last of them, in milliseconds. Directories with replicas and applications that apply changes later show
 * them after seconds, seldom after more than a minute: three reads within that time would show the same delay three times.
 */
export const READINGS_SPREAD = 120_000;
/** Milliseconds between two reads if nothing else remains to be done. */
const soon = 2_000;

/** Input of a conclusion: an account as observed after all possible changes were made. */
export interface ConclusionQuestion {
  readonly desired: DesiredAccount;
  /** `null`: the target answered that there is no account. */
  readonly observed: ObservedAccount | null;
  readonly scope: PlanScope & { readonly accepted: AcceptedWrites; readonly digest: (text: string) => string };
  /** Rows of the ledger about this account that are not `PRESENT`, from earlier reads. */
  readonly before: readonly Observation[];
  /** Changes that the target accepted in this run. */
  readonly made: readonly Change[];
  readonly now: Instant;
  /** True if only a person changes the account: a membership that Tenure gave, and that the target proves to be gone, needs no removal by Tenure. */
  readonly isProtected?: boolean;
}

/**
 * `CONFIRMED`: the observed state equals the desired state. `NOT_VISIBLE`: everything was carried out, and the target cannot show some of it.
 * `DIFFERENT`: the observed state differs.
 */
export type ConclusionStatus = 'CONFIRMED' | 'NOT_VISIBLE' | 'DIFFERENT';

export interface Conclusion {
  readonly status: ConclusionStatus;
  /** Changes that remain between observed and desired state, in order. */
  readonly left: readonly Change[];
  /**
   * Part of `left` that the target has accepted and does not show after enough equal reads, so that a retry is of no use. It never includes
   * changes that remove access.
   */
  readonly withoutEffect: readonly Change[];
  /** All rows of the ledger about this account. */
  readonly observations: readonly Observation[];
  readonly accepted: AcceptedWrites;
}

/** Concludes from the observed account what is confirmed, removed or gone. Pure, and the only place where that is decided. */
export function conclude(question: ConclusionQuestion): Conclusion {
  const { desired, observed, scope } = question;
  const memberships = observed === null ? [] : membershipsOf(question, observed);
  const accepted = acceptedAfter(question, memberships);
  const left = planAccount(desired, observed, { ...scope, accepted });
  const observations = [
    ...existenceOf(question),
    ...(observed === null ? [] : [...stateOf(question, observed), ...attributesOf(question, observed)]),
    ...memberships,
  ];
  const hidden = observations.filter((one) => one.verdict === 'NOT_VISIBLE' && isNeeded(one, scope));
  // A target that is slow to show an accepted write, and has never shown one, looks for a while like one that cannot show it.
  const mayStillShow = hidden.some(({ evidence, readings }) => evidence === 'nothing-shown' && readings < EQUAL_READINGS);
  const status = left.length > 0 || mayStillShow ? 'DIFFERENT' : hidden.length > 0 ? 'NOT_VISIBLE' : 'CONFIRMED';
  return { status, left, withoutEffect: withoutEffect(left, observations, question.made), observations, accepted };
}

/** True if the target must show the aspect: all but write-only attributes. */
function isNeeded({ aspect, name }: Observation, { rules = {} }: PlanScope): boolean {
  return !(aspect === 'attribute' && ruleOf(rules, name)?.writeOnly === true);
}

type Seen = Omit<Observation, 'readings' | 'since'>;

function counted({ before, made, now }: ConclusionQuestion, seen: Seen): Observation {
  const last = before.find(({ aspect, name }) => aspect === seen.aspect && name === seen.name);
  const isSame = last !== undefined && (['verdict', 'value', 'evidence', 'desired'] as const).every((key) => last[key] === seen[key]);
  if (!isSame || last === undefined) return { ...seen, readings: 1, since: now };
  // A change that was not tried, because it is withheld, proves nothing about the target.
  const isWritten = seen.verdict === 'NOT_VISIBLE' || made.some((change) => concerns(change, seen.aspect, seen.name));
  const isTooSoon = seen.verdict === 'ABSENT' && last.readings === EQUAL_READINGS - 1 && elapsed(last.since, now) < READINGS_SPREAD;
  return { ...seen, readings: last.readings + (isWritten && !isTooSoon ? 1 : 0), since: last.since };
}

function elapsed(since: Instant, now: Instant): number {
  return Date.parse(now) - Date.parse(since);
}

function concerns(change: Change, aspect: Aspect, name: string): boolean {
  switch (change.kind) {
    case 'create':
      return aspect === 'attribute' ? Object.hasOwn(change.attributes, name) : aspect !== 'membership';
    case 'update':
      return aspect === 'attribute' && Object.hasOwn(change.attributes, name);
    case 'enable':
    case 'disable':
      return aspect === 'state';
    case 'addMember':
    case 'removeMember':
      return aspect === 'membership' && change.entitlement === name;
    case 'delete':
      return aspect === 'existence';
  }
}

function existenceOf(question: ConclusionQuestion): readonly Observation[] {
  const { desired, observed } = question;
  const verdict: Verdict = observed === null ? 'ABSENT' : 'PRESENT';
  const value = observed?.nativeId ?? null;
  return [counted(question, { aspect: 'existence', name: '', verdict, value, evidence: 'read', desired: desired.state === 'absent' ? 'absent' : 'present' })];
}

function stateOf(question: ConclusionQuestion, { enabled }: ObservedAccount): readonly Observation[] {
  const { state } = question.desired;
  const common = { aspect: 'state', name: '', desired: state } as const;
  if (enabled === null) return [counted(question, { ...common, verdict: 'NOT_VISIBLE', value: null, evidence: 'not-supported' })];
  const value = enabled ? 'enabled' : 'disabled';
  return [counted(question, { ...common, verdict: value === state ? 'PRESENT' : 'ABSENT', value, evidence: 'read' })];
}

function attributesOf(question: ConclusionQuestion, observed: ObservedAccount): readonly Observation[] {
  const { desired, scope } = question;
  const digestOf = (value: AttributeValue | undefined): string | null => (value === undefined ? null : scope.digest(canonicalValue(value)));
  return Object.entries(desired.attributes).map(([name, ours]) => {
    const theirs = Object.hasOwn(observed.attributes, name) ? observed.attributes[name] : undefined;
    const common = { aspect: 'attribute', name, value: digestOf(theirs), desired: digestOf(ours) } as const;
    const rule = ruleOf(scope.rules, name);
    if (rule?.writeOnly === true) return counted(question, { ...common, verdict: 'NOT_VISIBLE', evidence: 'not-supported' });
    if (observed.differing?.includes(name) === true) return counted(question, { ...common, verdict: 'ABSENT', evidence: 'other-value' });
    if (sameValue(ours, theirs, rule)) return counted(question, { ...common, verdict: 'PRESENT', evidence: 'read' });
    return counted(question, { ...common, verdict: 'ABSENT', evidence: theirs === undefined ? 'nothing-shown' : 'other-value' });
  });
}

/** Observations of memberships that are desired, that Tenure may have added, and of other observed ones that policy knows. */
function membershipsOf(question: ConclusionQuestion, observed: ObservedAccount): readonly Observation[] {
  const { desired, scope } = question;
  const wanted = new Set(desired.state === 'absent' ? [] : desired.entitlements);
  const found = observed.entitlements.filter((name) => scope.managed.has(name));
  const names = [...new Set([...wanted, ...Object.keys(scope.accepted.memberships), ...found])].sort();
  return names.map((name) => {
    const sighting = observed.memberships.find(({ entitlement }) => entitlement === name);
    const given = scope.accepted.memberships[name];
    const evidence = observed.entitlements.includes(name) ? 'shown' : (sighting?.evidence ?? 'incomplete');
    const verdict = verdictOf(evidence, hasBeenShown(scope, name));
    const value = sighting?.groupId ?? given?.groupId ?? null;
    return counted(question, { aspect: 'membership', name, verdict, value, evidence, desired: wanted.has(name) ? 'present' : 'absent' });
  });
}

/** Removes writes that are proved to be gone. Writes that a target never shows are kept, so that the certificate can state them. */
function acceptedAfter(
  { desired, observed, scope: { accepted }, now, isProtected = false }: ConclusionQuestion,
  memberships: readonly Observation[],
): AcceptedWrites {
  const wanted = new Set(desired.state === 'absent' ? [] : desired.entitlements);
  const same = groupsOf(wanted, observed ?? { memberships: [] });
  const keep = (name: string, given: GivenMembership): GivenMembership | null => {
    if (observed === null) return wanted.has(name) ? { ...given, givenAt: null, takenAt: null } : null;
    // It is another name of a desired group, whose entry covers both names.
    if (!wanted.has(name) && isSameGroup(name, same, observed)) return null;
    const seen = memberships.find((one) => one.name === name);
    if (seen?.verdict === 'PRESENT') return { ...given, groupId: seen.value, givenAt: given.givenAt ?? now, shownAt: now, takenAt: null };
    const isTaken = isProtected || given.takenAt !== null || given.givenAt === null; // or never arrived
    return !wanted.has(name) && seen?.verdict === 'ABSENT' && isTaken ? null : given;
  };
  const kept = Object.entries(accepted.memberships).flatMap(([name, given]) => {
    const after = keep(name, given);
    return after === null ? [] : [[name, after] as const];
  });
  const isOtherName = (name: string): boolean => observed !== null && isSameGroup(name, same, observed);
  const added = memberships
    .filter(({ name, verdict }) => verdict === 'PRESENT' && !Object.hasOwn(accepted.memberships, name) && (wanted.has(name) || !isOtherName(name)))
    .map(({ name, value }) => [name, { groupId: value, givenAt: now, shownAt: now, takenAt: null }] as const);
  const gone = observed === null ? { state: null, attributes: {} } : {};
  return withName({ ...accepted, ...gone, memberships: Object.fromEntries([...kept, ...added]) }, observed?.memberName);
}

/**
 * Milliseconds until the next read, if a few more reads will settle the result, independent of the number of attempts: at growing intervals, and
 * in time for the last one. `null`: the target shows a different result each time, or the remaining changes remove access or create an account,
 * which are retried without limit.
 */
export function untilNextReading({ left, observations }: Pick<Conclusion, 'left' | 'observations'>, now: Instant): number | null {
  if (left.length === 0) return soon;
  if (!left.every(({ kind }) => kind === 'update' || kind === 'addMember' || kind === 'enable')) return null;
  const waits = observations
    .filter(({ verdict, readings }) => verdict === 'ABSENT' && readings > 1)
    .map(({ since }) => Math.max(soon, Math.min(4 * elapsed(since, now), READINGS_SPREAD - elapsed(since, now))));
  return waits.length === 0 ? null : Math.min(...waits);
}

function withoutEffect(left: readonly Change[], observations: readonly Observation[], made: readonly Change[]): readonly Change[] {
  const isSettled = (aspect: Aspect, name: string): boolean =>
    made.some((change) => concerns(change, aspect, name)) &&
    observations.some((one) => one.aspect === aspect && one.name === name && one.readings >= EQUAL_READINGS);
  return left.flatMap((change): Change[] => {
    switch (change.kind) {
      case 'update': {
        const attributes = Object.fromEntries(Object.entries(change.attributes).filter(([name]) => isSettled('attribute', name)));
        return Object.keys(attributes).length > 0 ? [{ kind: 'update', attributes }] : [];
      }
      case 'addMember':
        return isSettled('membership', change.entitlement) ? [change] : [];
      case 'enable':
        return isSettled('state', '') ? [change] : [];
      default:
        return [];
    }
  });
}
