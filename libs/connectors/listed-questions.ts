import type { MembershipQuestion } from '@tenure/domain';

/** Membership questions of a listing: they only map listed groups to their names in the policy, without further requests. */
export function listedQuestions(entitlements: readonly string[]): readonly MembershipQuestion[] {
  return entitlements.map((entitlement) => ({ entitlement, groupId: null, isNeeded: false }));
}
