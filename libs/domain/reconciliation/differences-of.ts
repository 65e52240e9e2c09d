import type { DesiredAccount, AttributeRules } from '../accounts/account.ts';
import { canonicalValue, ruleOf } from '../accounts/account-values.ts';
import { type MembershipSighting, verdictOf } from '../accounts/observation.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { AccountOwner } from './account-owner.ts';
import type { Difference, FindingEvidence, FindingKind } from './finding.ts';

/** Observed state of an account in a run. Attributes are digests of their canonical values. */
export interface StagedAccount {
  readonly nativeId: string;
  readonly userName: string;
  readonly externalId: string | null;
  readonly enabled: boolean | null;
  readonly attributes: Readonly<Record<string, string>>;
  /** Names of the groups in which it was observed; those that policy knows are written as in policy. */
  readonly entitlements: readonly string[];
}

/** State of an account in Tenure. */
export interface KnownAccount {
  readonly id: string;
  readonly identityId: string;
  readonly nativeId: string | null;
  readonly state: Lifecycle['state'] | null;
  readonly desired: DesiredAccount;
  /** True if an account was observed or created there before. */
  readonly existed: boolean;
  /** True if Tenure is changing it, or has not observed it since the last decision, so that differences are already being provisioned. */
  readonly isSettling: boolean;
}

/** One account of the run with its state in Tenure; one of the two may be missing. */
export interface JoinedAccount {
  /** `null`: the run does not show it. */
  readonly staged: StagedAccount | null;
  /** `null`: Tenure knows no such account. */
  readonly known: KnownAccount | null;
  /** Identity whose mark an account unknown to Tenure has; `null`: none. */
  readonly marked: { readonly identityId: string; readonly state: Lifecycle['state'] | null } | null;
  /** Person to whom an account unknown to Tenure belongs, by its mark or keys; absent: nobody is proposed. */
  readonly owner?: AccountOwner;
  /** Answers about single memberships, if the account was read alone; absent: it is from the listing. */
  readonly look?: { readonly memberships: readonly MembershipSighting[] };
}

export interface DifferenceScope {
  /** Entitlements of the target that policy knows or has known; all others are ignored. */
  readonly managed: ReadonlySet<string>;
  readonly rules: AttributeRules;
  /** User names of protected accounts, which are listed and never changed, in lower case. */
  readonly protectedNames: ReadonlySet<string>;
  /** Groups in which the target has ever shown a member. */
  readonly shown: ReadonlySet<string>;
  /** Digest function of `StagedAccount.attributes`. */
  readonly digest: (text: string) => string;
}

/** Returns the differences of one account. Empty: it is in the desired state, or Tenure is changing it. */
export function differencesOf(joined: JoinedAccount, scope: DifferenceScope): readonly Difference[] {
  const { staged, known, look } = joined;
  if (staged !== null && scope.protectedNames.has(staged.userName.toLowerCase())) return [unknown(joined, staged, 'protected-account')];
  if (known === null) return staged === null ? [] : [unknown(joined, staged, kindOfUnknown(joined))];
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

/** Differences of attributes. An attribute that is missing in the listing is proven only by a read of the account alone, which may show it. */
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

function kindOfUnknown({ marked, owner }: JoinedAccount): FindingKind {
  if (isOver(marked?.state)) return 'leaver-account';
  if (owner === undefined) return 'orphan-account';
  return owner.hasAccount ? 'duplicate-account' : 'ownable-account';
}

/** Finding about an account that Tenure does not know, or that is protected. */
function unknown({ known, marked, owner, look }: JoinedAccount, staged: StagedAccount, kind: Difference['kind']): Difference {
  const proposed = known === null && kind !== 'protected-account' ? owner : undefined;
  const isLeavers = kind === 'leaver-account' || (proposed !== undefined && isOver(proposed.state));
  return {
    kind,
    subject: known?.id ?? staged.nativeId,
    name: '',
    identityId: known?.identityId ?? marked?.identityId ?? proposed?.identityId ?? null,
    accountId: known?.id ?? null,
    nativeId: staged.nativeId,
    userName: known === null ? staged.userName : null,
    isUrgent: isLeavers && staged.enabled !== false,
    isProven: true,
    evidence: {
      enabled: staged.enabled,
      ...(marked === null || known !== null ? {} : { markedFor: marked.identityId }),
      ...(proposed === undefined ? {} : { ownedBy: proposed.by, ...(proposed.keys.length > 0 ? { keys: proposed.keys } : {}) }),
      seenBy: look === undefined ? 'listing' : 'look',
    },
  };
}

/** True if access has ended for good, or is being ended. */
export function isOver(state: Lifecycle['state'] | null | undefined): boolean {
  return state === 'leaving' || state === 'left' || state === 'erased';
}
