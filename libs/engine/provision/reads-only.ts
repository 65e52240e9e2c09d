import type { TargetMode } from '@tenure/domain';
import type { ClaimedAccount } from '@tenure/store';
import { isProof } from './readings.ts';
import type { OnlyRead } from './worked.ts';

/**
 * How a worker reads an account that it must not change: one in a target that is observed, and one that others have changed while nobody has approved
 * the correction. A leaver's account is corrected whenever it is read again, and so is one with an operation that a person has had retried.
 * `undefined`: it is provisioned.
 */
export function readsOnly({ account, operations, state }: ClaimedAccount, mode: TargetMode): OnlyRead | undefined {
  if (mode === 'observe') return { at: null, runId: null, drifts: false };
  const waits = account.driftedAt !== null && !isProof(state) && !operations.some(({ status }) => status === 'pending');
  return waits ? { at: null, runId: null, drifts: true } : undefined;
}
