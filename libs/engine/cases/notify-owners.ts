import type { NotificationRecipient } from '@tenure/domain';
import type { Case, Transaction } from '@tenure/store';
import { notificationOfCase } from './open-case.ts';
import { answeringOwners, mostNotified } from '../approvers/answering-owners.ts';
import type { ApproverResolver } from '../approvers/resolve-approvers.ts';

/**
 * Tells those whose a case is now. What nobody has answered and nobody further is named for is the administrators' to hear of.
 * @param escalated how often it has gone further up, now for the last time; `null`: it was only given to somebody else
 */
export async function notifyOwners(tx: Transaction, resolver: ApproverResolver, found: Case, escalated: number | null): Promise<void> {
  const { ownerId, ownerGroup } = found;
  const people = (await answeringOwners(tx, resolver, found)).slice(0, mostNotified);
  const recipients: NotificationRecipient[] = people.map((id) => ({ identityId: id }));
  if (escalated !== null && ownerId === null && ownerGroup === null) recipients.push({ role: 'admin' });
  const notifications = recipients.map((recipient) => notificationOfCase(found, recipient));
  // Each time it goes further up is told once, also to those who have heard of it before.
  const key = escalated !== null && escalated > 1 ? `${found.id}/${escalated}` : found.id;
  await tx.notifications.add(
    ...(escalated === null ? notifications : notifications.map((notification) => ({ ...notification, key, kind: 'case-escalated' as const }))),
  );
}
