import type { LifecycleState } from '@tenure/domain';
import type { BoundSubject, Transaction } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { decideIdentity } from '../../decide/decide-identities.ts';

/** Lifecycle of a person as it was last decided. */
export type KnownState = Pick<BoundSubject, 'state' | 'next'>;

/**
 * State of a person now, decided without the login's own claims: a provider cannot reactivate a person.
 * @param known as it was just read or decided; `null`: it is read
 */
export async function stateNow(tx: Transaction, engine: Engine, identityId: string, known: KnownState | null): Promise<LifecycleState | undefined> {
  const { state, next } = known ?? (await storedState(tx, identityId));
  const isStale = next !== null && next.at <= tx.context.now;
  return isStale ? (await decideIdentity(tx, engine, identityId, 'login')).state : state;
}

async function storedState(tx: Transaction, identityId: string): Promise<{ state: LifecycleState | undefined; next: BoundSubject['next'] }> {
  const stored = await tx.identities.get(identityId);
  return { state: stored?.state, next: stored?.lifecycle?.next ?? null };
}

/** True if a person is suspended for inactivity, and policy lets a login end that: the new state is decided with the login. */
export function comesBackByLogin({ state, inactivity }: Pick<BoundSubject, 'state' | 'inactivity'>): boolean {
  return state === 'suspended' && inactivity?.standing === 'disabled' && inactivity.reactivate === 'login';
}
