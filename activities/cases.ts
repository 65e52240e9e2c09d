import type { NewNotice, NoticeKind, NoticeRecipient } from '@tenure/domain';
import type { Case, CaseKind, NewCase, Transaction } from '@tenure/store';

/** Cases that are no one person's own and must not wait until somebody happens to look. */
const groupsHear: readonly CaseKind[] = [
  'end-not-confirmed',
  'target-refuses',
  'request-without-approver',
  'hire-called-off',
  'change-budget',
  'sponsor-missing',
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
  await tx.notices.add(...noticesOfCase(opened));
}

/** What whoever a case belongs to is told of it: a person always, a group and the operators where it must not wait until one of them looks. */
export function noticesOfCase(found: Case): readonly NewNotice[] {
  const { id, kind, ownerId, evidence } = found;
  if (ownerId === null && !groupsHear.includes(kind)) return [];
  const { endsAt } = evidence;
  return [{ kind: noticeKinds[kind] ?? 'case-assigned', key: id, ...aboutCase(found), data: typeof endsAt === 'string' ? { endsAt } : {} }];
}

/** What whoever a case has gone up to is told: nobody has answered it in time. */
export function noticeOfEscalation(found: Case): NewNotice {
  return { kind: 'case-escalated', key: `${found.id}/${found.level}`, ...aboutCase(found), data: {} };
}

function aboutCase({ id, identityId, ownerId, ownerGroup }: Case): Pick<NewNotice, 'about' | 'recipient'> {
  const recipient: NoticeRecipient = ownerId !== null ? { identityId: ownerId } : ownerGroup !== null ? { holders: ownerGroup } : { role: 'operator' };
  return { recipient, about: identityId === null ? { caseId: id } : { caseId: id, identityId } };
}

/** Cases that are told in words of their own. */
const noticeKinds: Readonly<Partial<Record<CaseKind, NoticeKind>>> = {
  transfer: 'transfer-asked',
  'contract-ending': 'contract-ending',
  'change-budget': 'change-held',
};

/** A question that has answered itself. Nothing where there is none. */
export async function closeCase(tx: Transaction, open: Case | null, resolution: string): Promise<void> {
  if (open === null) return;
  await tx.cases.close(open.id, 'tenure', resolution, tx.context.now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: open.id, identityId: open.identityId, reason: { resolution } });
}
