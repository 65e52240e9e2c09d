import type { Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { tendOpenFindings } from '../reconciliation/tend-finding-cases.ts';
import { refreshCorrections } from './submit-corrections.ts';

/** Renews the batch change of a target that waits, and the cases of its findings, after their handling has changed. */
export async function settleFindings(tx: Transaction, engine: Engine, target: string): Promise<void> {
  const known = await tx.batchChanges.ofOrigin('corrections', target);
  const waiting = known === null ? null : await tx.batchChanges.lock(known.id);
  if (waiting?.standing === 'held') await refreshCorrections(tx, engine, waiting, []);
  await tendOpenFindings(tx, target, engine.configuration.targets[target]?.reconciliation?.findings ?? {});
}
