import type { Transaction } from '@tenure/store';

/** Ends one session at its person's own request. @param sessionId `null`: they use another credential, and none ends */
export async function endSession(
  tx: Transaction,
  { identityId, sessionId }: { readonly identityId: string; readonly sessionId: string | null },
): Promise<void> {
  if (sessionId !== null) await tx.sessions.revoke(sessionId, 'logged out', tx.context.now);
  tx.audit.record({ action: 'session.ended', subjectKind: 'session', subjectId: sessionId ?? '', identityId, reason: { why: 'logged out' } });
}
