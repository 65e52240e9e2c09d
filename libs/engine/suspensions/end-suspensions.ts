import type { StoredSuspension, Transaction } from '@tenure/store';

/** Suspensions that are ended in one transaction. */
const batch = 100;

/**
 * Ends suspensions that have expired. People whose provisioning waits for one have a date of their own for that: each identity lifecycle workflow
 * decides again then. @returns those
 */
export async function endSuspensions(tx: Transaction): Promise<readonly StoredSuspension[]> {
  const over = await tx.suspensions.over(tx.context.now, batch);
  for (const suspension of over) {
    await tx.suspensions.end(suspension.id, 'tenure', tx.context.now);
    auditSuspension(tx, 'hold.ended', suspension);
  }
  return over;
}

/** Into the audit. @param reason may name people: it is kept with the person's key, where it is about somebody */
export function auditSuspension(tx: Transaction, action: 'hold.placed' | 'hold.lifted' | 'hold.ended', suspension: StoredSuspension, reason?: string): void {
  const { id, kind, identityId, target, operationId, until, keepsAccess } = suspension;
  const personal = identityId === null || reason === undefined ? {} : { personal: { reason } };
  tx.audit.record({ action, subjectKind: 'hold', subjectId: id, identityId, reason: { kind, target, operationId, until, keepsAccess }, ...personal });
}
