import type { ApprovalNotifications, Transaction } from '@tenure/store';

/** Chooses how a person is notified of approvals that wait for them. */
export async function chooseApprovalNotifications(tx: Transaction, identityId: string, approvals: ApprovalNotifications): Promise<void> {
  await tx.notifications.choose(identityId, approvals);
  tx.audit.record({ action: 'notices.chosen', subjectKind: 'identity', subjectId: identityId, identityId, reason: { approvals } });
}
