import type { Transaction } from '@tenure/store';
import { wakeMany } from '../batches/open-batch.ts';
import { decideIdentities } from '../decide/decide-identities.ts';
import type { Decision } from '../decide/decision.ts';
import type { Engine } from '../decide/engine.ts';

/**
 * Approves the correction of accounts that others have changed: each is worked on as a whole from now on. Their people are decided and their work is
 * signalled, together. That includes accounts whose confirmation the run has not taken back, since a worker observed them while it was under way: they
 * are read once more.
 * @returns decisions by identity
 */
export async function correctAccounts(tx: Transaction, engine: Engine, accountIds: readonly string[]): Promise<ReadonlyMap<string, Decision>> {
  const owners = await tx.access.ownersOf(accountIds);
  if (owners.length === 0) return new Map();
  // People before their accounts, as every decision locks them.
  await tx.people.lock(owners);
  await tx.access.approveCorrection(accountIds);
  const decisions = await decideIdentities(tx, engine, owners, 'decision');
  await wakeMany(tx, decisions, 'decision');
  return decisions;
}
