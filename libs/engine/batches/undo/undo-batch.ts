import { type FallAwayReason, InputInvalid, type KeptAccess, type UndoOrigin } from '@tenure/domain';
import type { ActContext, BatchChange, BatchItem, Store, Transaction } from '@tenure/store';
import type { Caller } from '../../callers/caller.ts';
import type { Engine } from '../../decide/engine.ts';
import { settingsOfSource } from '../../intake/settings-of-source.ts';
import { endingCaller } from '../../leavers/ending-caller.ts';
import type { EndingCaller } from '../../leavers/may-end.ts';
import { mustDecideBatch } from '../must-decide-batch.ts';
import { refreshBatch } from '../refresh-batch.ts';
import { rehearsedTogether } from '../rehearse.ts';
import { keptAccess } from './kept-access.ts';
import { mustBeUndoable, mustHaveItems } from './must-be-undoable.ts';
import { notPermitted } from './not-permitted.ts';
import type { RestoredItem } from './restore-records.ts';
import { tryUndo } from './try-undo.ts';
import { keyOf, undoItem } from './undo-item.ts';
import { undoVersion } from './undo-version.ts';

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly caller: Caller;
}

/**
 * Plans the undo of a batch change that was carried out, as a batch change of its own, which waits for approval: an undo is requested by hand, so a
 * person has to see what it does, also within the change budget. Nothing is in force before that.
 * @throws Forbidden, NotFound; InputInvalid if it cannot be undone, or nothing of it is left to undo
 */
export async function undoBatchAs(
  { store, engine, caller }: Dependencies,
  context: ActContext,
  id: string,
  reason: string,
  wish: Partial<KeptAccess> = {},
): Promise<BatchChange> {
  const { batches, by, origin } = await store.transaction(context, async (tx) => {
    await mustDecideBatch(tx, engine, caller, id);
    const requester = await endingCaller(tx, caller);
    const requestedBy = `${context.actor.kind} ${context.actor.id}`;
    const undo: UndoOrigin = { kind: 'undo', batchId: id, requestedBy, requesterKey: requester.key, reason };
    const of = await mustBeUndoable(tx, id);
    const kept = await keptAccess(tx, engine, caller, of, wish);
    return { batches: of, by: requester, origin: kept === null ? undo : { ...undo, kept } };
  });
  const [batch] = batches.filter((one) => one.id === id);
  if (batch !== undefined && batch.policyDigest !== null) return undoVersion({ store, engine }, context, batch, origin);
  const undone = await undoneOf({ store, engine }, batches, context.now);
  const tried: RestoredItem[] = [];
  for (let from = 0; from < undone.length; from += rehearsedTogether)
    tried.push(...(await tryUndo({ store, engine }, context, origin, undone.slice(from, from + rehearsedTogether))));
  return store.transaction(context, async (tx) => {
    await tx.batchChanges.lock(id);
    await mustBeUndoable(tx, id);
    return open(tx, engine, origin, await allowed(tx, engine, by, tried, origin.kept !== undefined && !by.isAdmin));
  });
}

/** Items of these batch changes that were carried out. A record that occurs in several of them counts as it was changed last. */
async function undoneOf({ store, engine }: Omit<Dependencies, 'caller'>, batches: readonly BatchChange[], now: string): Promise<readonly BatchItem[]> {
  const last = new Map<string, BatchItem>();
  let after: BatchItem | null = null;
  for (;;) {
    const from: BatchItem | null = after;
    const items: readonly BatchItem[] = await store.read((tx) =>
      tx.batchItems.carriedOut(
        batches.map(({ id }) => id),
        from,
        rehearsedTogether,
      ),
    );
    for (const item of items) if ((last.get(keyOf(item))?.settledAt ?? '') <= (item.settledAt ?? '')) last.set(keyOf(item), item);
    after = items.at(-1) ?? null;
    if (items.length < rehearsedTogether) break;
  }
  if (last.size === 0) return mustHaveItems(engine, batches, now);
  for (const source of new Set(batches.flatMap((batch) => batch.source ?? []))) mustBeRestorable(engine, source);
  return [...last.values()];
}

function mustBeRestorable({ configuration }: Engine, name: string): void {
  if ('protocol' in settingsOfSource(configuration, name))
    throw new InputInvalid(`id: a login replaces its record each time: a batch change of the identity provider "${name}" cannot be undone`, { source: name });
}

/** @param keepsNone true: the requester may not let people keep found access */
async function allowed(
  tx: Transaction,
  engine: Engine,
  by: EndingCaller,
  items: readonly RestoredItem[],
  keepsNone: boolean,
): Promise<readonly RestoredItem[]> {
  const refused = await notPermitted(tx, engine, by, items);
  return items.map((item) =>
    item.reason === null && (refused.has(item.identityId ?? '') || (keepsNone && item.identityId !== null))
      ? { ...item, reason: 'not-permitted', changes: [], before: null, after: null }
      : item,
  );
}

async function open(tx: Transaction, engine: Engine, origin: UndoOrigin, items: readonly RestoredItem[]): Promise<BatchChange> {
  const { now } = tx.context;
  const byReason = Map.groupBy(items, ({ reason }) => reason);
  const undoable = byReason.get(null) ?? [];
  if (undoable.length === 0) throw nothingLeft(origin.batchId, byReason);
  const plan = { digest: '', people: 0, changes: [] };
  const batch = await tx.batchChanges.open({ trigger: 'decision', source: null, people: undoable.length, plan, origin }, tx.context);
  for (let from = 0; from < items.length; from += rehearsedTogether)
    await tx.batchItems.add(batch.id, items.slice(from, from + rehearsedTogether).map(undoItem), now);
  for (const [reason, some] of byReason)
    if (reason !== null)
      await tx.batchItems.fallAway(
        some.map(({ undone }) => ({ batchId: batch.id, key: keyOf(undone) })),
        reason,
        now,
      );
  const counts = { items: undoable.length, fellAway: items.length - undoable.length };
  const reason = { undone: origin.batchId, policy: null, ...counts };
  tx.audit.record({ action: 'batch.undoRequested', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason });
  return refreshBatch(tx, engine, batch, false);
}

function nothingLeft(batchChangeId: string, byReason: ReadonlyMap<FallAwayReason | null, readonly RestoredItem[]>): InputInvalid {
  const counts = [...byReason].map(([reason, items]) => `${items.length} ${reason}`).join(', ');
  return new InputInvalid(`id: nothing of the batch change is left to undo (${counts})`, { batchChangeId });
}
