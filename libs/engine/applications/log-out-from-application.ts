import type { Transaction } from '@tenure/store';
import { logOut } from '../login/log-out.ts';
import { LOGGED_OUT_THERE } from './log-out-at-application.ts';

/** Session in Tenure that ends at the request of a person who has come from an application. */
export interface LogoutFromApplication {
  readonly identityId: string;
  readonly sessionId: string;
  /** Application, and its session (`sid`), that has ended there already; `null`: none is known. */
  readonly from: { readonly application: string; readonly sessionIndex: string | null } | null;
}

/** Ends a session in Tenure, and with it those at all applications; the one that the person comes from needs no notification. */
export async function logOutFromApplication(tx: Transaction, { identityId, sessionId, from }: LogoutFromApplication): Promise<void> {
  const { now } = tx.context;
  if (from !== null) {
    const own = await tx.applicationSessions.below(sessionId, from.application, now);
    const ids = own.filter(({ sessionIndex }) => sessionIndex === from.sessionIndex).map(({ id }) => id);
    await tx.applicationSessions.end(ids, LOGGED_OUT_THERE, now);
  }
  await logOut(tx, { identityId, sessionId, isEverywhere: false });
}
