import type { AcceptedWrites } from '../accounts/accepted-writes.ts';
import type { AttributeRules, DesiredAccount, ObservedAccount } from '../accounts/account.ts';
import { canonicalValue, ruleOf } from '../accounts/account-values.ts';
import type { MembershipSighting } from '../accounts/observation.ts';
import type { StagedAccount } from './differences-of.ts';

/** An account of Tenure that a run has read. */
export interface ListedQuestion {
  readonly desired: DesiredAccount;
  /** Last observation; `null`: none, or there was no account. */
  readonly observed: ObservedAccount | null;
  readonly accepted: AcceptedWrites;
  readonly rules: AttributeRules;
  /** Digest function of `StagedAccount.attributes`. */
  readonly digest: (text: string) => string;
  /** Answers about single memberships, if the account was read alone; absent: it is from the listing, which proves no absence. */
  readonly memberships?: readonly MembershipSighting[];
}

/**
 * Returns the observation of an account by a run, which keeps digests of values only: a value that equals the desired or the last observed one is
 * taken from there, any other is only named. What a listing does not show stays as it was observed last.
 */
export function listedAccount(staged: StagedAccount, question: ListedQuestion): ObservedAccount {
  const { desired, observed, accepted, rules, digest } = question;
  const before = observed?.attributes ?? {};
  const attributes = { ...before };
  const differing: string[] = [];
  for (const [name, ours] of Object.entries(desired.attributes)) {
    const rule = ruleOf(rules, name);
    const theirs = Object.hasOwn(staged.attributes, name) ? staged.attributes[name] : undefined;
    if (rule?.writeOnly === true || (theirs === undefined && question.memberships === undefined)) continue;
    if (theirs === undefined) delete attributes[name];
    else if (theirs === digest(canonicalValue(ours, rule))) attributes[name] = ours;
    else if (!Object.hasOwn(before, name) || theirs !== digest(canonicalValue(before[name], rule))) {
      delete attributes[name];
      differing.push(name);
    }
  }
  const { nativeId, userName, externalId, enabled, entitlements } = staged;
  const common = { nativeId, userName, externalId, enabled, attributes, entitlements };
  return { ...common, memberships: question.memberships ?? sightings(staged, desired, accepted), ...(differing.length > 0 ? { differing } : {}) };
}

/** Memberships as a listing shows them: one that it does not show may be there all the same. */
function sightings({ entitlements }: StagedAccount, desired: DesiredAccount, accepted: AcceptedWrites): readonly MembershipSighting[] {
  const asked = new Set([...(desired.state === 'absent' ? [] : desired.entitlements), ...Object.keys(accepted.memberships)]);
  return [...asked].sort().map((entitlement) => ({
    entitlement,
    groupId: accepted.memberships[entitlement]?.groupId ?? null,
    evidence: entitlements.includes(entitlement) ? 'shown' : 'incomplete',
  }));
}
