import { LOGGED_OUT_AT_APPLICATION } from './logged-out-at-application.ts';
import type { AdapterDependencies } from './adapter-dependencies.ts';

/** Ends the session at an application because it revoked its tokens, or because a code or token came twice, which only a thief explains. */
export async function endGrant(
  { store, clock, current, contextOf }: Pick<AdapterDependencies, 'store' | 'clock' | 'current' | 'contextOf'>,
  id: string,
): Promise<void> {
  const ctx = current();
  const why = ctx?.oidc.route === 'revocation' ? LOGGED_OUT_AT_APPLICATION : 'a code or refresh token was used twice';
  await store.transaction(contextOf(ctx), async (tx) => {
    const session = await tx.applicationSessions.get(id, clock());
    if (session === null) return;
    await tx.applicationSessions.end([id], why, clock());
    tx.audit.record({
      action: 'application.sessionEnded',
      subjectKind: 'session',
      subjectId: id,
      identityId: session.identityId,
      reason: { application: session.application, why },
    });
  });
}
