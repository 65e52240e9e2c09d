import type { MembershipQuestion, MembershipSighting } from '@tenure/domain';

/** Answers from all names that a target lists for an account: where it lists others, what it does not list is not there. */
export function sightingsOf(questions: readonly MembershipQuestion[], listed: readonly string[]): readonly MembershipSighting[] {
  return questions.map(({ entitlement, groupId }) => {
    const evidence = listed.includes(entitlement) ? 'shown' : listed.length > 0 ? 'others-shown' : 'nothing-shown';
    return { entitlement, groupId, evidence };
  });
}
