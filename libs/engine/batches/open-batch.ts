import type { Trigger } from '@tenure/domain';
import type { Transaction, BatchRun, BatchMember, BatchPlan } from '@tenure/store';
import type { Decision } from '../decide/decision.ts';
import { wake } from '../decide/wake.ts';

/** Hands many people to one workflow. @returns `null` when there is nobody */
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
 * Its people are forgotten; what was done stands with each of them. What waits for a person is not finished, nor what was approved while
 * this run came to its end. Safe to repeat.
 * @returns `again`: something of it is still to be carried out
 */
export async function finishBatch(tx: Transaction, batchId: string): Promise<{ readonly again: boolean }> {
  const batch = await tx.batchRuns.lock(batchId);
  if (batch === null || batch.finishedAt !== null || batch.standing !== 'free') return { again: false };
  const tallyOf = async () => (await tx.batchItems.tally([batchId])).get(batchId);
  if (batch.source !== null && ((await tallyOf())?.pending ?? 0) > 0) return { again: true };
  // Everybody was asked: for whoever is left nothing changes.
  if (batch.source === null) await tx.batchItems.settleRest(batchId, 'fell-away', 'no-change', tx.context.now);
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

/** From this many people on, one workflow for all of them is less than one for each. */
const fromPeople = 10;

/** Tells Temporal, once this transaction commits, of everybody for whom something is to be done. Leavers have their own lives at once. */
export async function wakeMany(tx: Transaction, decisions: ReadonlyMap<string, Decision>, trigger: Trigger): Promise<void> {
  const changed = [...decisions].filter(([, decision]) => decision.changed);
  const leaving = changed.filter(([, { stage }]) => stage === 'leaving');
  const others = changed.filter(([, { stage }]) => stage !== 'leaving');
  for (const [identityId] of leaving) await wake(tx, identityId, trigger, true);
  if (others.length < fromPeople) for (const [identityId] of others) await wake(tx, identityId, trigger);
  else await openBatch(tx, trigger, { decided: others.map(([identityId, { dateChanged }]) => ({ identityId, mustWake: dateChanged === true })) });
}
