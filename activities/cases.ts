import type { NewNotice, NoticeRecipient } from '@tenure/domain';
import type { Case, CaseKind, NewCase, Transaction } from '@tenure/store';

/** Cases that are nobody's own and must not wait until an operator happens to look. */
const operatorsHear: readonly CaseKind[] = [
  'end-not-confirmed',
  'target-refuses',
  'request-without-approver',
  'hire-called-off',
  'sponsor-missing',
  'contract-ending',
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
  const recipient = opened.ownerId !== null ? { identityId: opened.ownerId } : operatorsHear.includes(opened.kind) ? { role: 'operator' } : null;
  if (recipient !== null) await tx.notices.add(noticeOfCase(opened, recipient));
}

/** What some kinds of cases are told of as; every other is just a case. */
const toldAs: Readonly<Partial<Record<CaseKind, NewNotice['kind']>>> = { transfer: 'transfer-asked', 'contract-ending': 'contract-ending' };

/** Tells somebody of a case that is theirs now. */
export function noticeOfCase({ id, kind, identityId, evidence }: Case, recipient: NoticeRecipient): NewNotice {
  const about = identityId === null ? { caseId: id } : { caseId: id, identityId };
  const { endsAt } = evidence;
  return { kind: toldAs[kind] ?? 'case-assigned', key: id, recipient, about, data: typeof endsAt === 'string' ? { endsAt } : {} };
}

/** A question that has answered itself. Nothing where there is none. */
export async function closeCase(tx: Transaction, open: Case | null, resolution: string): Promise<void> {
  if (open === null) return;
  await tx.cases.close(open.id, 'tenure', resolution, tx.context.now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: open.id, identityId: open.identityId, reason: { resolution } });
}
