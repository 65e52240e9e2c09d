import type { Delegation, NewNotification } from '@tenure/domain';
import type { RequestItem } from '@tenure/store';

/** Asks somebody to decide about an item: once in a stage, whichever way the policy came to them. */
export function notificationOfAsked({ id, requestId, identityId, stage, level }: RequestItem, approverId: string): NewNotification {
  return {
    kind: 'approval-asked',
    key: `${id}/${stage}`,
    recipient: { identityId: approverId },
    about: { requestId, identityId },
    data: { itemId: id, stage, isEscalated: level > 0 },
  };
}

/** Reminds those who have not answered; the instant of the reminder makes it one. */
export function notificationsOfReminder(
  { id, requestId, identityId, stage, remindAt }: RequestItem,
  approverIds: readonly string[],
): readonly NewNotification[] {
  return approverIds.map((approverId) => ({
    kind: 'approval-reminder',
    key: `${id}/${stage}/${remindAt ?? ''}`,
    recipient: { identityId: approverId },
    about: { requestId, identityId },
    data: { itemId: id, stage },
  }));
}

/** Tells whoever asked and whom it is for what became of an item. */
export function notificationsOfDecision({ id, requestId, identityId }: RequestItem, requestedBy: string): readonly NewNotification[] {
  return [...new Set([requestedBy, identityId])].map((one) => ({
    kind: 'request-decided',
    key: id,
    recipient: { identityId: one },
    about: { requestId, identityId },
    data: { itemId: id },
  }));
}

/** Tells somebody for whom they are to answer, and from when to when. */
export function notificationOfDelegation({ id, fromId, toId, validFrom, validUntil }: Delegation): NewNotification {
  return {
    kind: 'delegation-begun',
    key: id,
    recipient: { identityId: toId },
    about: { identityId: fromId },
    data: { from: fromId, startsAt: validFrom, endsAt: validUntil },
  };
}

/** Tells those who are to know that somebody took break-glass access. */
export function notificationsOfBreakGlass({ id, requestId, identityId, validUntil }: RequestItem, ids: readonly string[]): readonly NewNotification[] {
  return ids.map((one) => ({
    kind: 'emergency-access',
    key: id,
    recipient: { identityId: one },
    about: { requestId, identityId },
    data: { itemId: id, endsAt: validUntil },
  }));
}
