import type { Transaction } from '@tenure/store';
import { endAllSessions } from './end-all-sessions.ts';
import { endSession } from './end-session.ts';

/** Facts of a session at its provider, by which a logout there begins; `null`: none are known. */
export type SessionAtSource = Awaited<ReturnType<Transaction['sessions']['sourceOf']>>;

/**
 * Ends a person's session, or all of them, at their own request.
 * @param sessionId `null`: they use another credential, and none ends
 * @returns facts of the one session at its provider, as they were read before it ended
 */
export async function logOut(
  tx: Transaction,
  { identityId, sessionId, isEverywhere }: { readonly identityId: string; readonly sessionId: string | null; readonly isEverywhere: boolean },
): Promise<SessionAtSource> {
  const source = sessionId === null ? null : await tx.sessions.sourceOf(sessionId);
  if (isEverywhere) await endAllSessions(tx, identityId);
  else await endSession(tx, { identityId, sessionId });
  return source;
}
