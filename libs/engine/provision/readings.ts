import { randomUUID } from 'node:crypto';
import type { LifecycleState, ObservedAccount } from '@tenure/domain';
import type { Reading, StoredAccount, Transaction } from '@tenure/store';

/** Whether what a target says of somebody in this state is kept as proof. */
export function isProof(state: LifecycleState): boolean {
  return state === 'leaving' || state === 'left';
}

/** What one look at a leaver's account has shown, for the certificate. */
export function readingOf(tx: Transaction, account: StoredAccount, seen: ObservedAccount | null, isAsWanted: boolean, at: string): Reading {
  return {
    id: randomUUID(),
    identityId: account.identityId,
    accountId: account.id,
    target: account.target,
    at,
    found: seen === null ? 'absent' : seen.enabled === null ? 'not-visible' : seen.enabled ? 'enabled' : 'disabled',
    entitlements: seen?.entitlements ?? [],
    wanted: account.desired.state,
    isAsWanted,
    correlationId: tx.context.correlationId,
  };
}
