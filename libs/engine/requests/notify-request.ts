import type { Delegation, NewNotice } from '@tenure/domain';
import type { RequestItem } from '@tenure/store';

/** Asks somebody to decide about an item: once in a stage, whichever way the policy came to them. */
export function noticeOfAsked({ id, requestId, identityId, stage, level }: RequestItem, approverId: string): NewNotice {
  return {
    kind: 'approval-asked',
    key: `${id}/${stage}`,
    recipient: { identityId: approverId },
    about: { requestId, identityId },
    data: { itemId: id, stage, isEscalated: level > 0 },
  };
}

/** Reminds those who have not answered; the instant of the reminder makes it one. */
export function noticesOfReminder({ id, requestId, identityId, stage, remindAt }: RequestItem, approverIds: readonly string[]): readonly NewNotice[] {
  return approverIds.map((approverId) => ({
    kind: 'approval-reminder',
    key: `${id}/${stage}/${remindAt ?? ''}`,
    recipient: { identityId: approverId },
    about: { requestId, identityId },
    data: { itemId: id, stage },
  }));
}

/** Tells whoever asked and whom it is for what became of an item. */
export function noticesOfDecision({ id, requestId, identityId }: RequestItem, requestedBy: string): readonly NewNotice[] {
  return [...new Set([requestedBy, identityId])].map((one) => ({
    kind: 'request-decided',
    key: id,
    recipient: { identityId: one },
    about: { requestId, identityId },
    data: { itemId: id },
  }));
}

/** Tells somebody for whom they are to answer, and from when to when. */
export function noticeOfDelegation({ id, fromId, toId, validFrom, validUntil }: Delegation): NewNotice {
  return {
    kind: 'delegation-begun',
    key: id,
    recipient: { identityId: toId },
    about: { identityId: fromId },
    data: { from: fromId, startsAt: validFrom, endsAt: validUntil },
  };
}

/** Tells those who are to know that somebody took emergency access. */
export function noticesOfEmergency({ id, requestId, identityId, validUntil }: RequestItem, ids: readonly string[]): readonly NewNotice[] {
  return ids.map((one) => ({
    kind: 'emergency-access',
    key: id,
    recipient: { identityId: one },
    about: { requestId, identityId },
    data: { itemId: id, endsAt: validUntil },
  }));
}
