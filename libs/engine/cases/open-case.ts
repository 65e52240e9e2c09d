import type { AuditReasons, CaseContent, CaseKind, NewCaseContent, NewNotification, NotificationKind, NotificationRecipient } from '@tenure/domain';
import type { Case, NewCase, Transaction } from '@tenure/store';

/**
 * Recipient of a notification of a case without an owner: operators where it must not wait until one happens to look, or the manager of the person it
 * is about.
 */
const notificationData: Readonly<Record<CaseKind, 'operators' | 'manager' | 'nobody'>> = {
  'operation-failed': 'nobody',
  'account-conflict': 'nobody',
  'target-refuses': 'operators',
  'identity-provider-fails': 'operators',
  'target-refuses-change': 'operators',
  'write-without-effect': 'nobody',
  'not-visible': 'nobody',
  'account-moved': 'nobody',
  'account-not-visible': 'operators',
  'end-not-confirmed': 'operators',
  'leaver-with-access': 'operators',
  'reconciliation-findings': 'nobody',
  'target-not-read': 'operators',
  'target-restored': 'operators',
  'quarantine-failed': 'operators',
  'target-observed': 'operators',
  'protected-account': 'operators',
  'ambiguous-record': 'nobody',
  'ambiguous-login': 'operators',
  'policy-evaluation': 'nobody',
  'separation-conflict': 'nobody',
  'separation-violation': 'nobody',
  'end-before-start': 'operators',
  'hire-called-off': 'operators',
  transfer: 'nobody',
  'facts-missing': 'manager',
  'break-glass-review': 'operators',
  'request-without-approver': 'operators',
  'requested-access-questionable': 'nobody',
  'contract-ending': 'nobody',
  'sponsor-missing': 'operators',
  inactive: 'nobody',
  'change-budget': 'operators',
  'vanished-from-feed': 'operators',
  'notice-undeliverable': 'nobody',
  'token-ending': 'operators',
  'urgent-ends': 'operators',
  'repair-approval': 'operators',
  'logout-not-confirmed': 'operators',
  'application-address': 'operators',
};

/** Opens a case, audited; one that is open already only gets the newer evidence. */
export async function openCase(tx: Transaction, wanted: NewCase): Promise<void> {
  const opened = await tx.cases.open(wanted, tx.context.now);
  if (opened === null) return;
  tx.audit.record({
    action: 'case.opened',
    subjectKind: 'case',
    subjectId: opened.id,
    identityId: wanted.identityId,
    reason: reasonOfOpening(wanted),
  });
  const recipient = whoHears(opened);
  if (recipient !== null) await tx.notifications.add(notificationOfCase(opened, recipient));
}

/** Audit content of a case that is opened. The kind is the case's: requested access has one of its own in the evidence. */
function reasonOfOpening({ kind, evidence }: NewCaseContent): AuditReasons['case.opened'] {
  return { ...evidence, kind } as AuditReasons['case.opened'];
}

/** Recipients for a case: its owner; without one, the manager of the person it is about, or the operators where it must not wait. */
function whoHears(opened: Case): NotificationRecipient | null {
  const { id, kind, ownerId, identityId } = opened;
  if (ownerId !== null) return { ownersOf: id };
  if (notificationData[kind] === 'manager' && identityId !== null) return { relation: 'manager', of: identityId };
  // Somebody who tries to pass for a person with rights in Tenure may have no business there.
  const isPrivileged = opened.kind === 'ambiguous-record' && opened.evidence.why === 'privileged';
  return notificationData[kind] === 'operators' || isPrivileged ? { role: 'operator' } : null;
}

/** Notification of the new owner of a case. */
export function notificationOfCase(found: Case, recipient: NotificationRecipient): NewNotification {
  const { id, kind, identityId } = found;
  const about = identityId === null ? { caseId: id } : { caseId: id, identityId };
  return { kind: notificationKinds[kind] ?? 'case-assigned', key: id, recipient, about, data: dataOf(found) };
}

/** Content of a case's notification besides its kind. */
function dataOf(found: CaseContent): NewNotification['data'] {
  switch (found.kind) {
    case 'facts-missing':
      return found.evidence.missing === undefined ? {} : { missing: found.evidence.missing };
    case 'contract-ending':
    case 'end-before-start':
    case 'token-ending':
      return found.evidence.endsAt == null ? {} : { endsAt: found.evidence.endsAt };
    case 'change-budget':
      return found.evidence.undoes === undefined ? {} : { isUndo: true };
    default:
      return {};
  }
}

/** Kinds of notification of cases that have texts of their own. */
const notificationKinds: Readonly<Partial<Record<CaseKind, NotificationKind>>> = {
  transfer: 'transfer-asked',
  'contract-ending': 'contract-ending',
  'facts-missing': 'facts-missing',
  'change-budget': 'change-held',
  'break-glass-review': 'emergency-review',
};

/** Closes a case that no longer needs an answer. Does nothing where there is none. */
export async function closeCase(tx: Transaction, open: Case | null, resolution: string): Promise<void> {
  if (open === null) return;
  await tx.cases.close(open.id, 'tenure', resolution, tx.context.now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: open.id, identityId: open.identityId, reason: { resolution } });
}
