import type { NotificationRecipient } from '@tenure/domain';
import type { Case, Transaction } from '@tenure/store';
import { notificationOfCase } from './open-case.ts';
import { answeringOwners, mostNotified } from '../approvers/answering-owners.ts';
import type { ApproverResolver } from '../approvers/resolve-approvers.ts';

/**
 * Notifies the new owners of a case. Of one that nobody has answered and for which no further owner is named, the administrators are notified.
 * @param escalated number of its escalations, of which this is the last; `null`: it was only reassigned
 */
export async function notifyOwners(tx: Transaction, resolver: ApproverResolver, found: Case, escalated: number | null): Promise<void> {
  const { ownerId, ownerGroup } = found;
  const people = (await answeringOwners(tx, resolver, found)).slice(0, mostNotified);
  const recipients: NotificationRecipient[] = people.map((id) => ({ identityId: id }));
  if (escalated !== null && ownerId === null && ownerGroup === null) recipients.push({ role: 'admin' });
  const notifications = recipients.map((recipient) => notificationOfCase(found, recipient));
  // Each escalation is notified once, also to those who were notified of the case before.
  const key = escalated !== null && escalated > 1 ? `${found.id}/${escalated}` : found.id;
  await tx.notifications.add(
    ...(escalated === null ? notifications : notifications.map((notification) => ({ ...notification, key, kind: 'case-escalated' as const }))),
  );
}
