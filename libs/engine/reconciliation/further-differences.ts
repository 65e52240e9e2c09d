import { type Difference, dormancyOf, type FindingEvidence, type FindingKind, type Instant, isOver } from '@tenure/domain';
import type { ListedAccount, UsedAccount } from '@tenure/store';

/** Findings about accounts that nobody has used for the configured time. An account of somebody who left is a finding of its own. */
export function dormantAccounts(accounts: readonly UsedAccount[], isReported: boolean, after: number, now: Instant): readonly Difference[] {
  return accounts.flatMap((account) => {
    const { lastUsedAt, createdAt, state } = account;
    const dormancy = isOver(state) ? null : dormancyOf({ lastUsedAt, createdAt, isReported }, after, now);
    return dormancy === null ? [] : [about(account, 'dormant-account', '', dormancy)];
  });
}

/** Findings about memberships in groups that policy does not know. */
export function unmanagedMemberships(accounts: readonly (ListedAccount & { readonly groups: readonly string[] })[]): readonly Difference[] {
  return accounts.flatMap((account) => account.groups.map((name) => about(account, 'entitlement-unmanaged', name)));
}

function about(account: ListedAccount, kind: FindingKind, name: string, more: Partial<FindingEvidence> = {}): Difference {
  const { nativeId, enabled, accountId, identityId } = account;
  return {
    kind,
    subject: accountId,
    name,
    identityId,
    accountId,
    nativeId,
    userName: null,
    isUrgent: false,
    isProven: true,
    evidence: { enabled, ...more, seenBy: 'listing' },
  };
}
