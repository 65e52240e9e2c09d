import type { Transaction } from '@tenure/store';
import { endAllSessions } from './end-all-sessions.ts';
import { endSession } from './end-session.ts';

/** Ends a person's session, or all of them, at their own request. @param sessionId `null`: they use another credential, and none ends */
export async function logOut(
  tx: Transaction,
  { identityId, sessionId, isEverywhere }: { readonly identityId: string; readonly sessionId: string | null; readonly isEverywhere: boolean },
): Promise<void> {
  if (isEverywhere) await endAllSessions(tx, identityId);
  else await endSession(tx, { identityId, sessionId });
}
