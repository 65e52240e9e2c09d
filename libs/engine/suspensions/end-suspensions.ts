import type { StoredHold, Transaction } from '@tenure/store';

/** Holds that are ended in one transaction. */
const batch = 100;

/** Writes down that holds are over whose time has come. Whoever waited for one has a date of their own for that: each life asks again then. @returns those */
export async function endHolds(tx: Transaction): Promise<readonly StoredHold[]> {
  const over = await tx.holds.over(tx.context.now, batch);
  for (const hold of over) {
    await tx.holds.end(hold.id, 'tenure', tx.context.now);
    tellHold(tx, 'hold.ended', hold);
  }
  return over;
}

/** Into the audit. @param reason may name people: it is kept with the person's key, where it is about somebody */
export function tellHold(tx: Transaction, action: 'hold.placed' | 'hold.lifted' | 'hold.ended', hold: StoredHold, reason?: string): void {
  const { id, kind, identityId, target, operationId, until, keepsAccess } = hold;
  const personal = identityId === null || reason === undefined ? {} : { personal: { reason } };
  tx.audit.record({ action, subjectKind: 'hold', subjectId: id, identityId, reason: { kind, target, operationId, until, keepsAccess }, ...personal });
}
