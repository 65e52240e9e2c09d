import type { Trigger } from '@tenure/domain';
import type { Transaction, BatchRun, BatchMember, BatchPlan } from '@tenure/store';
import type { Decision } from '../decide/decision.ts';
import { wake } from '../decide/wake.ts';

/** Opens a batch by which one workflow processes many people. @returns `null` when there is nobody */
export async function openBatch(
  tx: Transaction,
  trigger: Trigger,
  people: { readonly decided: readonly BatchMember[] } | { readonly undecided: readonly string[] } | 'everybody',
  version?: { readonly policyDigest: string; readonly plan: BatchPlan },
): Promise<BatchRun | null> {
  const batch = await tx.batchRuns.open(trigger, people, tx.context, version);
  if (batch !== null)
    tx.audit.record({ action: 'wave.opened', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason: { trigger, people: batch.people } });
  return batch;
}

/** Number of people from which on one workflow for all of them costs less than one for each. */
export const fromPeople = 10;

/**
 * Signals Temporal, once this transaction commits, for everybody with work to do. The identity lifecycle workflows of leavers are signalled
 * individually and at once.
 */
export async function wakeMany(tx: Transaction, decisions: ReadonlyMap<string, Decision>, trigger: Trigger): Promise<void> {
  const changed = [...decisions].filter(([, decision]) => decision.changed);
  const leaving = changed.filter(([, { stage }]) => stage === 'leaving');
  const others = changed.filter(([, { stage }]) => stage !== 'leaving');
  for (const [identityId] of leaving) await wake(tx, identityId, trigger, true);
  if (others.length < fromPeople) for (const [identityId] of others) await wake(tx, identityId, trigger);
  else await openBatch(tx, trigger, { decided: others.map(([identityId, { dateChanged }]) => ({ identityId, mustWake: dateChanged === true })) });
}
