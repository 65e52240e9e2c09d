import { type Instant, type ObservedAccount, reasonOf } from '@tenure/domain';
import type { AuditEvent, Transaction } from '@tenure/store';

/** True if the person is terminated, within the grace period or after it. */
export function isEnding(state: unknown): boolean {
  return state === 'leaving' || state === 'left';
}

/** True while somebody may be able to use the account: it counts as closed only once it was read back as closed. */
export function isOpen({ observed, observedAt }: { readonly observed: ObservedAccount | null; readonly observedAt: Instant | null }): boolean {
  return observed === null ? observedAt === null : observed.enabled !== false;
}

/** @returns when the end was decided, once no account of this person is open any more; `null` before */
export async function closedEverywhereSince(tx: Transaction, identityId: string): Promise<Instant | null> {
  const accounts = await tx.access.accountsOf([identityId]);
  if (accounts.some(isOpen)) return null;
  // The desired state of an account may have changed since, as when the grace period ended while the target was down: the audit knows.
  const moves = await tx.audit.page({ identityId, action: 'identity.stateChanged' }, 20, null);
  return moves.find(isEndOfTime)?.at ?? null;
}

function isEndOfTime(event: AuditEvent): boolean {
  const { from, to } = reasonOf(event, 'identity.stateChanged') ?? {};
  return isEnding(to) && !isEnding(from);
}
