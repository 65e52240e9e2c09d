import type { ApprovalNotices, Transaction } from '@tenure/store';

/** Chooses how a person is told of approvals that wait for them. */
export async function chooseApprovalNotices(tx: Transaction, identityId: string, approvals: ApprovalNotices): Promise<void> {
  await tx.notices.choose(identityId, approvals);
  tx.audit.record({ action: 'notices.chosen', subjectKind: 'identity', subjectId: identityId, identityId, reason: { approvals } });
}
