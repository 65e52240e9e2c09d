import type { Delegation, NewNotification } from '@tenure/domain';
import type { RequestItem } from '@tenure/store';

/** Asks an approver to decide about an item: once in a stage, by whichever path of the policy they were resolved. */
export function notificationOfAsked({ id, requestId, identityId, stage, level }: RequestItem, approverId: string): NewNotification {
  return {
    kind: 'approval-asked',
    key: `${id}/${stage}`,
    recipient: { identityId: approverId },
    about: { requestId, identityId },
    data: { itemId: id, stage, isEscalated: level > 0 },
  };
}

/** Reminds approvers who have not answered; the instant of the reminder is its key. */
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

/** Notifies the requester and the person it is for of the result of an item. */
export function notificationsOfDecision({ id, requestId, identityId }: RequestItem, requestedBy: string): readonly NewNotification[] {
  return [...new Set([requestedBy, identityId])].map((one) => ({
    kind: 'request-decided',
    key: id,
    recipient: { identityId: one },
    about: { requestId, identityId },
    data: { itemId: id },
  }));
}

/** Notifies a deputy of the delegation: the person for whom they answer, and from when to when. */
export function notificationOfDelegation({ id, fromId, toId, validFrom, validUntil }: Delegation): NewNotification {
  return {
    kind: 'delegation-begun',
    key: id,
    recipient: { identityId: toId },
    about: { identityId: fromId },
    data: { from: fromId, startsAt: validFrom, endsAt: validUntil },
  };
}

/** Notifies the recipients named in the rule that somebody took break-glass access. */
export function notificationsOfBreakGlass({ id, requestId, identityId, validUntil }: RequestItem, ids: readonly string[]): readonly NewNotification[] {
  return ids.map((one) => ({
    kind: 'emergency-access',
    key: id,
    recipient: { identityId: one },
    about: { requestId, identityId },
    data: { itemId: id, endsAt: validUntil },
  }));
}
