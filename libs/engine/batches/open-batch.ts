import type { Trigger } from '@tenure/domain';
import type { Transaction, BatchRun, BatchMember, BatchPlan } from '@tenure/store';
import type { Decision } from '../decide/decision.ts';
import { wake } from '../decide/wake.ts';

/** Opens a batch by which one workflow processes many people. @returns `null` when there is nobody */
export async function openBatch(
  tx: Transaction,
  trigger: Trigger,
  people: { readonly decided: readonly BatchMember[] } | 'everybody',
  version?: { readonly policyDigest: string; readonly plan: BatchPlan },
): Promise<BatchRun | null> {
  const batch = await tx.batchRuns.open(trigger, people, tx.context, version);
  if (batch !== null)
    tx.audit.record({ action: 'wave.opened', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason: { trigger, people: batch.people } });
  return batch;
}

/**
 * Removes the people of a finished batch; results are kept with each of them. A batch that waits for approval is not finished, nor are items that
 * were approved while this run came to its end. Safe to repeat.
 * @returns `again`: some items are still to be carried out
 */
export async function finishBatch(tx: Transaction, batchId: string): Promise<{ readonly again: boolean }> {
  const batch = await tx.batchRuns.lock(batchId);
  if (batch === null || batch.finishedAt !== null || batch.standing !== 'free') return { again: false };
  const tallyOf = async () => (await tx.batchItems.tally([batchId])).get(batchId);
  const hasItems = batch.source !== null || batch.origin?.kind === 'corrections';
  if (hasItems && ((await tallyOf())?.pending ?? 0) > 0) return { again: true };
  // Everybody was evaluated: for those who are left nothing changes.
  if (!hasItems) await tx.batchItems.settleRest(batchId, 'fell-away', 'no-change', tx.context.now);
  await tx.batchRuns.finished(batchId, tx.context.now);
  const { carriedOut = 0, fellAway = 0 } = (await tallyOf()) ?? {};
  tx.audit.record({
    action: 'wave.finished',
    subjectKind: 'wave',
    subjectId: batchId,
    identityId: null,
    reason: { people: batch.people, carriedOut, fellAway },
  });
  return { again: false };
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
