import type { NewNotice, NoticeKind, NoticeRecipient, CaseKind } from '@tenure/domain';
import type { Case, NewCase, Transaction } from '@tenure/store';

/** Cases that are nobody's own and must not wait until an operator happens to look. */
const operatorsHear: readonly CaseKind[] = [
  'end-not-confirmed',
  'target-refuses',
  'target-refuses-change',
  'identity-provider-fails',
  'ambiguous-login',
  'account-not-visible',
  'request-without-approver',
  'hire-called-off',
  'end-before-start',
  'vanished-from-feed',
  'change-budget',
  'sponsor-missing',
  'break-glass-review',
  'token-ending',
  'urgent-ends',
];

/** Opens a question for a person, audited; one that is open already only gets the newer evidence. */
export async function openCase(tx: Transaction, wanted: NewCase): Promise<void> {
  const opened = await tx.cases.open(wanted, tx.context.now);
  if (opened === null) return;
  tx.audit.record({
    action: 'case.opened',
    subjectKind: 'case',
    subjectId: opened.id,
    identityId: wanted.identityId,
    reason: { kind: wanted.kind, ...wanted.evidence },
  });
  const recipient = whoHears(opened);
  if (recipient !== null) await tx.notices.add(noticeOfCase(opened, recipient));
}

/** Whose it is; without an owner, the manager of whom something has to be known, or the operators where it must not wait. */
function whoHears({ id, kind, ownerId, identityId, evidence }: Case): NoticeRecipient | null {
  if (ownerId !== null) return { ownersOf: id };
  if (kind === 'facts-missing' && identityId !== null) return { relation: 'manager', of: identityId };
  // Who wants to be taken for somebody with rights in Tenure may have no business there.
  const isHeard = operatorsHear.includes(kind) || (kind === 'ambiguous-record' && evidence['why'] === 'privileged');
  return isHeard ? { role: 'operator' } : null;
}

/** What somebody is told of a case that is theirs now. */
export function noticeOfCase({ id, kind, identityId, evidence }: Case, recipient: NoticeRecipient): NewNotice {
  const about = identityId === null ? { caseId: id } : { caseId: id, identityId };
  const { missing, endsAt } = evidence;
  return {
    kind: noticeKinds[kind] ?? 'case-assigned',
    key: id,
    recipient,
    about,
    data: { ...(typeof endsAt === 'string' ? { endsAt } : {}), ...(Array.isArray(missing) ? { missing } : {}) },
  };
}

/** Cases that are told in words of their own. */
const noticeKinds: Readonly<Partial<Record<CaseKind, NoticeKind>>> = {
  transfer: 'transfer-asked',
  'contract-ending': 'contract-ending',
  'facts-missing': 'facts-missing',
  'change-budget': 'change-held',
  'break-glass-review': 'emergency-review',
};

/** A question that has answered itself. Nothing where there is none. */
export async function closeCase(tx: Transaction, open: Case | null, resolution: string): Promise<void> {
  if (open === null) return;
  await tx.cases.close(open.id, 'tenure', resolution, tx.context.now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: open.id, identityId: open.identityId, reason: { resolution } });
}
