import type { Transaction } from '@tenure/store';
import { hasRightsInTenure } from '../callers/has-rights-in-tenure.ts';
import type { Engine } from '../decide/engine.ts';

/** A login that was bound to a person who was known before. */
export interface LinkedLogin {
  readonly identityId: string;
  readonly provider: string;
  readonly sessionId: string;
  /** True: a person decided it, or made a link for it. */
  readonly isByHand: boolean;
}

/**
 * Notifies the person that they can log in by it now, and the operators: of each login that acts with rights in Tenure, is one more, or was decided
 * by hand; of all others once a day and provider, since a whole company may log in for the first time on one morning.
 */
export async function tellLinked(tx: Transaction, engine: Engine, { identityId, provider, sessionId, isByHand }: LinkedLogin): Promise<void> {
  const data = { provider };
  const operators = { role: 'operator' } as const;
  const isOneMore = (await tx.identities.subjectsOf(identityId)).length > 1;
  await tx.notifications.add({ kind: 'login-linked', key: sessionId, recipient: { identityId }, about: { identityId }, data });
  if (isByHand || isOneMore || (await hasRightsInTenure(tx, engine, identityId)))
    await tx.notifications.add({ kind: 'login-linked', key: sessionId, recipient: operators, about: { identityId }, data });
  else await tx.notifications.add({ kind: 'logins-linked', key: `${provider}/${tx.context.now.slice(0, 10)}`, recipient: operators, about: {}, data });
}
