import { countKey, countPeople, InputInvalid, BatchPlanChanged } from '@tenure/domain';
import type { ActContext, BatchItem, BatchChange, Store } from '@tenure/store';
import { rehearsedTogether } from './rehearse.ts';
import { itemWorkOf, type TriedItem } from './item-work.ts';
import type { Engine } from '../decide/engine.ts';
import { approvePolicy } from './approve-policy.ts';
import { approveCorrections } from '../corrections/approve-corrections.ts';
import { approveSwitchOn } from '../targets/approve-switch-on.ts';
import { approvalOf, type ApprovedBatch, asPerson, type BatchRelease, mustBeSeen, mustWait } from './batch-decision.ts';
import { refreshBatch } from './refresh-batch.ts';
import { schedule } from './schedule-batch.ts';

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
}

/**
 * Approves a batch change that waits for approval, or part of it: the worker carries it out. It is tried first: one that would change more than was
 * shown is shown again instead. Changing less is no reason to refuse: items that newer information has replaced are counted.
 * @throws BatchPlanChanged when it would do more by now
 * @throws CaseClosed when it was decided before
 */
export async function approveBatch({ store, engine }: Dependencies, context: ActContext, id: string, release: BatchRelease): Promise<ApprovedBatch> {
  const batch = await store.read(async (tx) => mustWait(await tx.batchChanges.get(id), id));
  if (batch.policyDigest !== null) return approvePolicy({ store, engine }, context, batch, release);
  if (batch.origin?.kind === 'switch-on') return approveSwitchOn({ store, engine }, context, batch, release);
  if (batch.origin?.kind === 'corrections') return approveCorrections({ store, engine }, context, batch, release);
  mustBeKnown(engine, batch);
  const chosen = await store.read((tx) => tx.batchItems.pendingOf(id, release.part));
  const found = await tryAll({ store, engine }, context, batch, chosen);
  await mustDoAsShown({ store, engine }, context, batch, chosen, found);
  const outdated = new Map(found.flatMap(({ key, reason }) => (reason === null ? [] : [[key, reason] as const])));
  return store.transaction(context, async (tx) => {
    const locked = mustWait(await tx.batchChanges.lock(id), id);
    const versions = new Map(chosen.map(({ key, version }) => [key, version]));
    // Only items that were tried: those withdrawn meanwhile are no longer pending, and none may be added without another digest.
    const pending = (await tx.batchItems.pendingOf(id, release.part)).filter(({ key, version }) => versions.get(key) === version);
    if (pending.length > 0) mustBeSeen(locked, release.digest);
    for (const [reason, items] of Map.groupBy(pending, ({ key }) => outdated.get(key)))
      if (reason !== undefined) await tx.batchItems.fallAway(items, reason, tx.context.now);
    const approved = pending.filter(({ key }) => !outdated.has(key));
    const scheduledIn = await schedule(tx, engine, locked, approved, release);
    return { batch: (await tx.batchChanges.get(id)) ?? locked, approval: await approvalOf(tx, id, release.part, approved.length, scheduledIn) };
  });
}

function mustBeKnown({ configuration: { sources, identityProviders } }: Engine, { id, source }: BatchChange): void {
  if (source === null || Object.hasOwn(sources, source) || Object.hasOwn(identityProviders, source)) return;
  throw new InputInvalid(`source "${source}" is not in tenure.yaml: add it again before you approve this batch change, or discard the batch change`, {
    batchChangeId: id,
    source,
  });
}

async function tryAll(dependencies: Dependencies, context: ActContext, batch: BatchChange, chosen: readonly BatchItem[]): Promise<readonly TriedItem[]> {
  const work = itemWorkOf(batch);
  const found: TriedItem[] = [];
  for (let from = 0; work !== null && from < chosen.length; from += rehearsedTogether)
    found.push(...(await work.attempt(dependencies, context, chosen.slice(from, from + rehearsedTogether))));
  return found;
}

async function mustDoAsShown(
  { store, engine }: Dependencies,
  context: ActContext,
  wave: BatchChange,
  chosen: readonly BatchItem[],
  found: readonly TriedItem[],
): Promise<void> {
  const shown = new Map(countPeople(chosen.map(asPerson)).map((count) => [countKey(count), count.people]));
  const more = countPeople(found.map(asPerson)).some((count) => count.people > (shown.get(countKey(count)) ?? 0));
  if (!more) return;
  const { plan } = await store.transaction(context, async (tx) => {
    const locked = mustWait(await tx.batchChanges.lock(wave.id), wave.id);
    await tx.batchItems.replan(
      wave.id,
      found.map(({ reason: _reason, ...planned }) => planned),
    );
    return refreshBatch(tx, engine, locked, false);
  });
  throw new BatchPlanChanged('the plan of the batch change has changed and would do more: read the plan again', {
    batchChangeId: wave.id,
    digest: plan.digest,
  });
}
