import type { MembershipQuestion } from '@tenure/domain';

/** The questions of a listing: what is listed is told under the names that policy writes, and nothing is asked besides. */
export function listedQuestions(entitlements: readonly string[]): readonly MembershipQuestion[] {
  return entitlements.map((entitlement) => ({ entitlement, groupId: null, isNeeded: false }));
}
