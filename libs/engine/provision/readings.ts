import { randomUUID } from 'node:crypto';
import type { LifecycleState, ObservedAccount } from '@tenure/domain';
import type { Reading, StoredAccount, Transaction } from '@tenure/store';

/** True if observations of a person in this state are kept as proof. */
export function isProof(state: LifecycleState): boolean {
  return state === 'leaving' || state === 'left';
}

/** Observation of a leaver's account, for the certificate. */
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
