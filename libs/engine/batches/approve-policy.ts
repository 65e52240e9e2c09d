import { countKey, InputInvalid, NotFound, BatchPlanChanged } from '@tenure/domain';
import type { ActContext, BatchChange, Store } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { type ApprovedBatch, type BatchRelease, decisionOf, mustBeSeen, mustWait, auditBatch } from './batch-decision.ts';
import { closeBatchCase } from './batch-case.ts';
import { policyDigestOf } from '../policy/version-digest.ts';
import { policyItems } from './submit-policy.ts';
import { weighVersion } from '../policy/plan-version.ts';
import { putInForce } from '../policy/publish-policy.ts';

/**
 * Puts a policy version that waits in force. Its batch is then carried out for everybody, and is finished when that is done.
 * @throws BatchPlanChanged when it would change more than was shown
 */
export async function approvePolicy(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  { id, policy, policyDigest }: BatchChange,
  { digest, reason, part }: BatchRelease,
): Promise<ApprovedBatch> {
  if (part.identityIds !== undefined || part.kinds !== undefined)
    throw new InputInvalid('part: a policy version is approved whole, or not at all', { batchChangeId: id });
  if (policy === null || policyDigest === null) throw new NotFound(`id: batch change ${id} contains no policy`, { batchChangeId: id });
  const done = await store.transaction(context, async (tx) => {
    // Before the batch, as everybody does who publishes: or two would wait for each other.
    await tx.access.lockPolicies();
    const locked = mustWait(await tx.batchChanges.lock(id), id);
    mustBeSeen(locked, digest);
    const settings = (await tx.batchChanges.settingsOf(id)) ?? undefined;
    const { plan, people } = await weighVersion(tx, engine, policy, settings);
    await tx.batchItems.settleRest(id, 'fell-away', 'no-change', tx.context.now);
    await tx.batchItems.add(id, policyItems(people), tx.context.now);
    await tx.batchChanges.savePlan(id, plan.people, plan);
    if (plan.changes.some((now) => now.people > (locked.plan.changes.find((one) => countKey(one) === countKey(now))?.people ?? 0)))
      return { renewed: plan.digest };
    const { fellAway = 0 } = (await tx.batchItems.tally([id])).get(id) ?? {};
    await tx.batchChanges.release(id, decisionOf(tx, reason));
    await closeBatchCase(tx, locked, 'released');
    await putInForce(tx, policy, policyDigestOf(policyDigest), { batchId: id }, settings);
    auditBatch(tx, id, { action: 'wave.released', reason: { policy: policyDigest, digest } });
    const approval = { scheduled: people.length, scheduledIn: id, fellAway, approvedBefore: 0, left: 0 };
    return { batch: (await tx.batchChanges.get(id)) ?? locked, approval };
  });
  if ('renewed' in done)
    throw new BatchPlanChanged('the plan of the batch change has changed and would do more: read the plan again', { batchChangeId: id, digest: done.renewed });
  return done;
}
