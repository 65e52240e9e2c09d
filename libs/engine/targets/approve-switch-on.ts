import { BatchPlanChanged, countKey, InputInvalid } from '@tenure/domain';
import type { ActContext, BatchChange, Store } from '@tenure/store';
import { type ApprovedBatch, type BatchRelease, mustBeSeen, mustWait } from '../batches/batch-decision.ts';
import type { Engine } from '../decide/engine.ts';
import { carryOutSwitchOn, mustBeRead, switchOnPlan } from './switch-on.ts';

/**
 * Approves that a target is switched on, by its plan. It is computed again: one that would change more than was shown is shown again instead.
 * @throws BatchPlanChanged when it would do more by now
 * @throws InputInvalid when a part is to be approved, or the target was not read completely within a day
 */
export async function approveSwitchOn(
  { store, engine }: { readonly store: Store; readonly engine: Engine },
  context: ActContext,
  { id, origin }: BatchChange,
  { digest, reason, part }: BatchRelease,
): Promise<ApprovedBatch> {
  if (origin?.kind !== 'switch-on') throw new InputInvalid(`id: batch change ${id} switches no target on`, { batchChangeId: id });
  const { target } = origin;
  if (part.identityIds !== undefined || part.kinds !== undefined)
    throw new InputInvalid('part: a target is switched on whole, or not at all', { batchChangeId: id });
  const done = await store.transaction(context, async (tx) => {
    // Before the batch: decisions by the mode before end first.
    const known = await tx.targetModes.lock(target);
    const locked = mustWait(await tx.batchChanges.lock(id), id);
    mustBeSeen(locked, digest);
    if (known === null || known.mode === 'enforce')
      throw new InputInvalid(`id: ${target} is written to already; discard the batch change`, { batchChangeId: id });
    await mustBeRead(tx, target);
    const { plan, items } = await switchOnPlan(tx, engine, target);
    await tx.batchItems.settleRest(id, 'fell-away', 'no-change', tx.context.now);
    await tx.batchItems.add(id, items, tx.context.now);
    const isLess = plan.changes.every((now) => now.people <= (locked.plan.changes.find((one) => countKey(one) === countKey(now))?.people ?? 0));
    await tx.batchChanges.savePlan(id, plan.people, plan, isLess);
    if (!isLess) return { renewed: plan.digest };
    const { fellAway = 0 } = (await tx.batchItems.tally([id])).get(id) ?? {};
    await carryOutSwitchOn(tx, known, { ...locked, plan }, reason);
    const approval = { scheduled: items.length, scheduledIn: id, fellAway, approvedBefore: 0, left: 0 };
    return { batch: (await tx.batchChanges.get(id)) ?? locked, approval };
  });
  if ('renewed' in done)
    throw new BatchPlanChanged('the plan of the batch change has changed and would do more: read the plan again', { batchChangeId: id, digest: done.renewed });
  return done;
}
