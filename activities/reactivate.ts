import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Decision } from './decide-identity.ts';
import type { Loop } from './loop.ts';
import { saidOf, say } from './operator-record.ts';
import { wake } from './take-record.ts';

/** What bringing somebody back came to who was disabled for inactivity. */
export interface Reactivation {
  readonly identityId: string;
  readonly outcome: 'reactivated' | 'not-inactive';
  readonly state: Decision['state'];
}

/**
 * Vouches for somebody of whom nothing was heard for too long: they count as heard of today, and what the facts justify comes back. For
 * operators, and for whom the open case asks; never for oneself.
 * @throws Forbidden, also when there is no such person
 */
export async function reactivate(
  tx: Transaction,
  loop: Loop,
  { identityId, reason, by }: { readonly identityId: string; readonly reason: string; readonly by: { readonly id: string; readonly isOperator: boolean } },
): Promise<Reactivation> {
  const isAsked = by.isOperator || (await tx.cases.openOfKey(`inactive/${identityId}`))?.ownerId === by.id;
  const said = isAsked && by.id !== identityId ? await saidOf(tx, identityId) : null;
  if (said === null) throw new Forbidden('this person is not yours to bring back', { identityId });
  const before = await loop.decide(tx, identityId, 'decision');
  const standing = (await tx.identities.get(identityId))?.lifecycle?.inactivity?.standing;
  if (said.status === 'ended' || (standing !== 'disabled' && standing !== 'removed')) return { identityId, outcome: 'not-inactive', state: before.state };
  await say(tx, said, 'identity.reactivated', reason);
  const decision = await loop.decide(tx, identityId, 'decision');
  if (decision.changed) await wake(tx, identityId, 'decision');
  return { identityId, outcome: 'reactivated', state: decision.state };
}
