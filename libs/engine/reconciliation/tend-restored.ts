import type { Transaction } from '@tenure/store';
import { closeCase, openCase } from '../cases/open-case.ts';

/** Case of a target that shows an older state or other ids: one, in place of one for each kind of finding. */
export async function tendRestored(tx: Transaction, target: string): Promise<void> {
  const key = `target-restored/${target}`;
  const found = await tx.findingCauses.restoredFindings(target);
  if (found === null) return closeCase(tx, await tx.cases.openOfKey(key), 'no such finding is open any more');
  const { findings, since, runId } = found;
  await openCase(tx, { kind: 'target-restored', key, identityId: null, target, operationId: null, evidence: { target, runId, findings, since } });
}
