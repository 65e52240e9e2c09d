import type { Transaction } from '@tenure/store';

/** Ends a session at an application with all tokens that were issued for it, audited. Does nothing where it is over. */
export async function endApplicationSession(tx: Transaction, id: string, why: string): Promise<void> {
  const { now } = tx.context;
  const session = await tx.applicationSessions.get(id, now);
  if (session === null) return;
  await tx.applicationSessions.end([id], why, now);
  const { application, identityId } = session;
  tx.audit.record({ action: 'application.sessionEnded', subjectKind: 'session', subjectId: id, identityId, reason: { application, why } });
}
