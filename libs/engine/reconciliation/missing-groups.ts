import type { Difference } from '@tenure/domain';

/**
 * Finding about a group of the policy that the target does not have.
 * @param isThere answer of the target about this group alone; `null`: it could not be determined, so an open finding stays open
 */
export function missingGroups(name: string, isThere: boolean | null): readonly Difference[] {
  if (isThere === true) return [];
  return [
    {
      kind: 'group-missing',
      subject: name,
      name,
      identityId: null,
      accountId: null,
      nativeId: null,
      userName: null,
      isUrgent: false,
      isProven: isThere === false,
      evidence: { seenBy: 'look' },
    },
  ];
}
