import { endApplicationSession, LOGGED_OUT_THERE } from '@tenure/engine/applications';
import type { AdapterDependencies } from './adapter-dependencies.ts';

/** Ends the session at an application because it revoked its tokens, or because a code or token came twice, which only a thief explains. */
export async function endGrant({ store, current, contextOf }: Pick<AdapterDependencies, 'store' | 'current' | 'contextOf'>, id: string): Promise<void> {
  const ctx = current();
  const why = ctx?.oidc.route === 'revocation' ? LOGGED_OUT_THERE : 'a code or refresh token was used twice';
  await store.transaction(contextOf(ctx), (tx) => endApplicationSession(tx, id, why));
}
