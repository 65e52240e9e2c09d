import type { FallAwayReason, UndoOrigin } from '@tenure/domain';
import type { ActContext, BatchChange, BatchItem, BatchRun, PlannedItem, Store } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import type { TakenRecord } from '../intake/taken-record.ts';
import { type CarryOutDependencies, waitAgain } from './carry-out-items.ts';
import { carryOutRecords } from './carry-out-records.ts';
import { carryOutCorrections } from '../corrections/carry-out-corrections.ts';
import { checkImport, plannedItem } from './check-import.ts';
import { rehearse } from './rehearse.ts';
import { carryOutUndo } from './undo/carry-out-undo.ts';
import { tryUndo } from './undo/try-undo.ts';
import { triedItem, undoneItems } from './undo/undo-item.ts';

/** A pending item with its effects as of now. `reason`: it falls away for it; `null`: it is carried out. */
export type TriedItem = PlannedItem & { readonly reason: FallAwayReason | null };

/** Trying and carrying out the items of a batch change, by its origin. */
export interface ItemWork {
  /** Tries items, in a transaction that is rolled back. */
  attempt(dependencies: { readonly store: Store; readonly engine: Engine }, context: ActContext, items: readonly BatchItem[]): Promise<readonly TriedItem[]>;
  /** Carries out the pending items of an approved batch change. */
  carryOut(dependencies: CarryOutDependencies, batch: BatchRun): Promise<void>;
}

/** The work on the items of a batch change; `null`: its items are people, and a configuration version or another step is carried out for all of them. */
export function itemWorkOf({ source, origin, policyDigest }: Pick<BatchChange, 'source' | 'origin' | 'policyDigest'>): ItemWork | null {
  if (policyDigest !== null) return null;
  if (source !== null) return recordWork;
  if (origin?.kind === 'undo') return undoWork(origin);
  return origin?.kind === 'corrections' ? correctionWork : null;
}

const recordWork: ItemWork = {
  async attempt(dependencies, context, items) {
    const isOutdated = ({ outcome, isNewerVersion = false }: TakenRecord): boolean => (outcome === 'unchanged' && !isNewerVersion) || outcome === 'stale';
    const found = await rehearse(dependencies, context, items);
    return found.map((one) => ({ ...plannedItem(one), reason: isOutdated(one.taken) ? 'in-force' : null }));
  },
  async carryOut(dependencies, { source, ...batch }) {
    const { sources, identityProviders } = dependencies.engine.configuration;
    if (source === null) return;
    if (!Object.hasOwn(sources, source) && !Object.hasOwn(identityProviders, source)) return waitAgain(dependencies, batch.id, 'source-removed');
    const goesOn = batch.plan !== null || (await checkImport(dependencies, { ...batch, source }));
    if (goesOn) await carryOutRecords(dependencies, batch.id);
  },
};

const undoWork = (origin: UndoOrigin): ItemWork => ({
  async attempt(dependencies, context, items) {
    const undone = await dependencies.store.read((tx) => undoneItems(tx, items));
    const tried = new Map((await tryUndo(dependencies, context, origin, undone)).map((one) => [triedItem(one).key, triedItem(one)]));
    return items.map((item) => tried.get(item.key) ?? { ...item, changes: [], reason: 'content-unknown' as const });
  },
  carryOut: (dependencies, { id }) => carryOutUndo(dependencies, id),
});

const correctionWork: ItemWork = {
  // Its findings are open or not; what differs in the target is read for each account before it is changed.
  attempt: async (_dependencies, _context, items) => items.map((item) => ({ ...item, reason: null })),
  async carryOut(dependencies, { id, origin }) {
    if (origin?.kind === 'corrections') await carryOutCorrections(dependencies, id, origin.target);
  },
};
