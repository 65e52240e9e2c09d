import type { Case, NewCase, Transaction } from '@tenure/store';

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
}

/** A question that has answered itself. Nothing where there is none. */
export async function closeCase(tx: Transaction, open: Case | null, resolution: string): Promise<void> {
  if (open === null) return;
  await tx.cases.close(open.id, 'tenure', resolution, tx.context.now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: open.id, identityId: open.identityId, reason: { resolution } });
}
