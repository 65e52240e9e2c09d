import type { DesiredAccount, AttributeRules } from '../accounts/account.ts';
import { canonicalValue, ruleOf } from '../accounts/account-values.ts';
import { type MembershipSighting, verdictOf } from '../accounts/observation.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Difference, FindingEvidence } from './finding.ts';

/** An account as a reading has shown it. Attributes are digests of their canonical values. */
export interface StagedAccount {
  readonly nativeId: string;
  readonly userName: string;
  readonly externalId: string | null;
  readonly enabled: boolean | null;
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of the groups that it was seen in, as policy writes them where policy knows them. */
  readonly entitlements: readonly string[];
}

/** An account as Tenure knows it. */
export interface KnownAccount {
  readonly id: string;
  readonly identityId: string;
  readonly nativeId: string | null;
  readonly state: Lifecycle['state'] | null;
  readonly desired: DesiredAccount;
  /** An account was seen or made there before. */
  readonly existed: boolean;
  /** Tenure is changing it, or has not read it back since it was last decided about: differences are being dealt with. */
  readonly isSettling: boolean;
}

/** One account of the reading beside what Tenure knows: one of the two may be missing. */
export interface JoinedAccount {
  /** `null`: the reading does not show it. */
  readonly staged: StagedAccount | null;
  /** `null`: Tenure knows no such account. */
  readonly known: KnownAccount | null;
  /** The identity whose mark an account bears that Tenure does not know; `null`: nobody's. */
  readonly marked: { readonly identityId: string; readonly state: Lifecycle['state'] | null } | null;
  /** Answers about single memberships, when the target was asked for this account alone; absent: it is from the listing. */
  readonly look?: { readonly memberships: readonly MembershipSighting[] };
}

export interface DifferenceScope {
  /** Entitlements of the target that policy knows or has known; all others are left alone. */
  readonly managed: ReadonlySet<string>;
  readonly rules: AttributeRules;
  /** User names of accounts that are listed and never changed, in lower case. */
  readonly protectedNames: ReadonlySet<string>;
  /** Memberships that the target has shown of somebody, at any time. */
  readonly shown: ReadonlySet<string>;
  /** The digest that `StagedAccount.attributes` was made with. */
  readonly digest: (text: string) => string;
}

/** The differences of one account. Empty: it is as it should be, or Tenure is at work on it. */
export function differencesOf(joined: JoinedAccount, scope: DifferenceScope): readonly Difference[] {
  const { staged, known, look } = joined;
  if (staged !== null && scope.protectedNames.has(staged.userName.toLowerCase())) return [unknown(joined, staged, 'protected-account')];
  if (known === null) return staged === null ? [] : [unknown(joined, staged, isOver(joined.marked?.state) ? 'leaver-account' : 'orphan-account')];
  if (known.isSettling) return [];
  const { desired } = known;
  const isLooked = look !== undefined;
  const seenBy = isLooked ? 'look' : 'listing';
  const difference = (kind: Difference['kind'], more: Partial<Pick<Difference, 'name' | 'isUrgent' | 'isProven'>> = {}): Difference => ({
    kind,
    subject: known.id,
    name: '',
    identityId: known.identityId,
    accountId: known.id,
    nativeId: staged?.nativeId ?? known.nativeId,
    userName: null,
    isUrgent: false,
    isProven: true,
    evidence: { ...(staged === null ? {} : { enabled: staged.enabled }), desired: desired.state, seenBy } satisfies FindingEvidence,
    ...more,
  });
  if (staged === null) {
    const isExpected = desired.state !== 'absent' && desired.onlyExisting !== true && known.existed;
    return isExpected ? [difference('missing-account', { isProven: isLooked })] : [];
  }
  return [
    ...ofState(known, staged, difference),
    ...ofAttributes(joined, staged, desired, scope, difference),
    ...ofMemberships(joined, staged, desired, scope, difference),
  ];
}

type Make = (kind: Difference['kind'], more?: Partial<Pick<Difference, 'name' | 'isUrgent' | 'isProven'>>) => Difference;

function ofState({ state, desired }: KnownAccount, { enabled }: StagedAccount, difference: Make): readonly Difference[] {
  if (desired.state === 'absent') return [difference('leaver-account', { isUrgent: enabled !== false })];
  if (desired.state === 'enabled') return enabled === false ? [difference('account-disabled')] : [];
  if (enabled !== true) return [];
  return [isOver(state) ? difference('leaver-account', { isUrgent: true }) : difference('account-enabled')];
}

/** What the target does not show in a list it may show when it is asked for the account. */
function ofAttributes(
  { look }: JoinedAccount,
  staged: StagedAccount,
  desired: DesiredAccount,
  { rules, digest }: DifferenceScope,
  difference: Make,
): readonly Difference[] {
  if (desired.state === 'absent') return [];
  return Object.entries(desired.attributes).flatMap(([name, value]) => {
    const rule = ruleOf(rules, name);
    const theirs = Object.hasOwn(staged.attributes, name) ? staged.attributes[name] : undefined;
    const ours = canonicalValue(value, rule);
    if (rule?.writeOnly === true || theirs === digest(ours) || (theirs === undefined && ours === canonicalValue(undefined))) return [];
    return [difference('attribute-drift', { name, isProven: theirs !== undefined || look !== undefined })];
  });
}

function ofMemberships(
  { look }: JoinedAccount,
  { entitlements }: StagedAccount,
  desired: DesiredAccount,
  { managed, shown }: DifferenceScope,
  difference: Make,
): readonly Difference[] {
  const wanted = new Set(desired.state === 'absent' ? [] : desired.entitlements);
  const held = new Set(entitlements);
  const outside = [...held].filter((name) => managed.has(name) && !wanted.has(name)).map((name) => difference('entitlement-outside-policy', { name }));
  const missing = [...wanted]
    .filter((name) => !held.has(name))
    .map((name) => {
      const sighting = look?.memberships.find(({ entitlement }) => entitlement === name);
      const isAbsent = sighting !== undefined && verdictOf(sighting.evidence, shown.has(name)) === 'ABSENT';
      return difference('entitlement-missing', { name, isProven: isAbsent });
    });
  return [...outside, ...missing];
}

/** An account that Tenure does not know as anybody's. */
function unknown({ known, marked, look }: JoinedAccount, staged: StagedAccount, kind: Difference['kind']): Difference {
  return {
    kind,
    subject: known?.id ?? staged.nativeId,
    name: '',
    identityId: known?.identityId ?? marked?.identityId ?? null,
    accountId: known?.id ?? null,
    nativeId: staged.nativeId,
    userName: known === null ? staged.userName : null,
    isUrgent: kind === 'leaver-account' && staged.enabled !== false,
    isProven: true,
    evidence: {
      enabled: staged.enabled,
      ...(marked === null || known !== null ? {} : { markedFor: marked.identityId }),
      seenBy: look === undefined ? 'listing' : 'look',
    },
  };
}

function isOver(state: Lifecycle['state'] | null | undefined): boolean {
  return state === 'leaving' || state === 'left' || state === 'erased';
}
