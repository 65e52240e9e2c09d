import { LoginRefused } from '@tenure/domain';
import type { ActContext, Store } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { admit } from './admit.ts';
import type { CompletedLogin, ProvenLogin, UsedByLogin } from './proven-login.ts';

export interface LoginDependencies {
  readonly store: Store;
  readonly engine: Engine;
}

/**
 * Completes a login: bind, merge, decide, open a session, in one database transaction. Temporal is signalled afterwards.
 * @throws LoginRefused; the claims of the login are then not kept, and the request and the assertion are used up by `recordRefusal`
 */
export async function completeLogin({ store, engine }: LoginDependencies, login: ProvenLogin, context: ActContext): Promise<CompletedLogin> {
  const result = await store.transaction(context, (tx) => admit(tx, engine, login));
  if (result instanceof LoginRefused) throw result;
  return result;
}

/** Audits a refused login, and uses up the request that it answered. @param used `null`: its answer was not proven to be one */
export async function recordRefusal(
  { store }: LoginDependencies,
  refused: LoginRefused,
  provider: string,
  used: UsedByLogin | null,
  context: ActContext,
): Promise<void> {
  await store.transaction(context, async (tx) => {
    if (used?.request) await tx.sessions.takeLogin(used.request.id, context.now);
    if (used?.assertion) await tx.sessions.consumeAssertion(used.issuer, used.assertion.id, used.assertion.notOnOrAfter);
    tx.audit.record({
      action: 'login.refused',
      subjectKind: 'login',
      subjectId: context.correlationId,
      identityId: null,
      reason: { provider, reason: refused.reason, ...refused.details },
    });
  });
}
