import type { Transaction } from '@tenure/store';

/** Ends every session of a person at their own request, audited. @returns number of sessions */
export async function endAllSessions(tx: Transaction, identityId: string): Promise<number> {
  const why = 'logged out everywhere';
  const count = await tx.sessions.revokeAll(identityId, why, tx.context.now);
  tx.audit.record({ action: 'sessions.revoked', subjectKind: 'identity', subjectId: identityId, identityId, reason: { count, why } });
  return count;
}
