import { NotFound } from '@tenure/domain';
import type { Transaction } from '@tenure/store';

/** Ends every session of a person by an operator's decision. @returns number of sessions @throws NotFound */
export async function revokeSessions(tx: Transaction, identityId: string, reason: string): Promise<number> {
  if ((await tx.identities.get(identityId)) === null) throw new NotFound(`there is no identity ${identityId}`, { identityId });
  const why = 'revoked by an operator';
  const count = await tx.sessions.revokeAll(identityId, why, tx.context.now);
  tx.audit.record({
    action: 'sessions.revoked',
    subjectKind: 'identity',
    subjectId: identityId,
    identityId,
    reason: { count, why },
    personal: { reason },
  });
  return count;
}
