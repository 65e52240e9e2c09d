import { countedInTarget, InputInvalid, type ItemState, type PersonInBatch } from '@tenure/domain';
import type { BatchChange, BatchPlan, NewBatchItem, StoredTargetMode, Transaction } from '@tenure/store';
import { auditBatch, decisionOf } from '../batches/batch-decision.ts';
import { closeBatchCase, openBatchCase } from '../batches/batch-case.ts';
import { batchPlan } from '../batches/batch-plan.ts';
import { evaluateChanges } from '../batches/check-records.ts';
import { closeCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import { currentPolicy } from '../policy/read-policy.ts';
import { type PlannedInTarget, planOfTarget } from './plan-target.ts';
import { setMode } from './set-mode.ts';

/** Milliseconds for which a complete run proves enough of a target to switch it on. */
const readWithin = 26 * 3_600_000;

/**
 * Switches a target on: a batch change with the plan of everything that would be carried out there. Within the change budget it is carried out at once,
 * above it it waits for approval. One that waits already gets the present plan.
 * @throws InputInvalid when the target is written to already, or was not read completely within a day
 */
export async function switchOnTarget(
  tx: Transaction,
  engine: Engine,
  { target, reason }: { readonly target: string; readonly reason: string },
): Promise<BatchChange> {
  const known = await tx.targetModes.lock(target);
  if (known === null)
    throw new InputInvalid(`target: ${target} was not contacted yet; a worker does that within a minute, and finds whether it has accounts`, { target });
  if (known.mode === 'enforce') throw new InputInvalid(`target: ${target} is written to already`, { target });
  await mustBeRead(tx, target);
  const { plan, items } = await switchOnPlan(tx, engine, target);
  const waiting = await tx.batchChanges.ofOrigin('switch-on', target);
  const batch = waiting ?? (await openSwitchOn(tx, target, plan));
  if (waiting !== null) {
    await tx.batchItems.settleRest(batch.id, 'fell-away', 'no-change', tx.context.now);
    await tx.batchChanges.savePlan(batch.id, plan.people, plan);
  }
  await tx.batchItems.add(batch.id, items, tx.context.now);
  if (plan.changes.some(({ isOver }) => isOver)) {
    const reasonOfHeld = { trigger: 'decision', switchesOn: target } as const;
    if (waiting === null) tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason: reasonOfHeld });
    await openBatchCase(tx, (await currentPolicy(tx, engine)).document.budget ?? {}, batch, plan);
  } else await carryOutSwitchOn(tx, known, { ...batch, plan }, reason);
  return (await tx.batchChanges.get(batch.id)) ?? batch;
}

/** Plan of a target that is switched on, as the change budget counts it, with an item for each person whom it counts. */
export async function switchOnPlan(
  tx: Transaction,
  engine: Engine,
  target: string,
): Promise<{ readonly plan: BatchPlan; readonly items: readonly NewBatchItem[] }> {
  const planned = await planOfTarget(tx, engine, target, null, Number.POSITIVE_INFINITY);
  const items = planned.map((one) => itemOf(target, one)).filter(({ changes }) => changes.length > 0);
  const people = items.map(({ key, identityId, changes }): PersonInBatch => ({ key, identityId, changes }));
  return { plan: batchPlan(people, await evaluateChanges(tx, (await currentPolicy(tx, engine)).document.budget ?? {}, null, people)), items };
}

/** Has a target written to from now on, and everybody decided whose account there is not as desired: the batch run carries it out. */
export async function carryOutSwitchOn(tx: Transaction, known: StoredTargetMode, batch: BatchChange, reason: string): Promise<void> {
  const { target } = known;
  await setMode(tx, known, { mode: 'enforce', why: 'switched-on', reason });
  await tx.targetModes.approveCorrections(target);
  await tx.batchChanges.release(batch.id, decisionOf(tx, reason));
  await tx.batchRuns.enlist(batch.id, await tx.targetModes.unsettledPeople(target), tx.context);
  await closeBatchCase(tx, batch, 'released');
  await closeCase(tx, await tx.cases.openOfKey(`target-observed/${target}`), 'the target was switched on');
  auditBatch(tx, batch.id, { action: 'wave.released', reason: { digest: batch.plan.digest, switchesOn: target } });
}

/** @throws InputInvalid unless a complete run of the last day shows what is there */
export async function mustBeRead(tx: Transaction, target: string): Promise<void> {
  const last = await tx.reconciliationRuns.lastComplete(target);
  const since = new Date(Date.parse(tx.context.now) - readWithin).toISOString();
  if (last?.startedAt != null && last.startedAt >= since) return;
  throw new InputInvalid(
    `target: no reconciliation run has read ${target} completely within the last day; request one with reconcileTarget, and switch it on after that`,
    {
      target,
    },
  );
}

function openSwitchOn(tx: Transaction, target: string, plan: BatchPlan): Promise<BatchChange> {
  return tx.batchChanges.open({ trigger: 'decision', source: null, people: plan.people, plan, origin: { kind: 'switch-on', target } }, tx.context);
}

function itemOf(target: string, { identityId, changes, before, after }: PlannedInTarget): NewBatchItem {
  const state = (account: PlannedInTarget['before']): ItemState => ({ state: null, grants: [], accounts: [{ target, state: account }] });
  const common = { key: identityId, source: null, version: null, record: null, hasVanished: false, identityId };
  return { ...common, changes: countedInTarget(target, changes), before: state(before), after: state(after) };
}
