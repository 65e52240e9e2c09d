import { countPeople, DatabaseUnavailable, evaluateBatch, LOSING_KINDS, type PersonInBatch } from '@tenure/domain';
import type { ActContext, BatchItem, PendingRecord, PlannedItem, Store, Transaction, BatchRun } from '@tenure/store';
import { mostAttempts } from './carry-out-items.ts';
import { refreshBatch } from './refresh-batch.ts';
import { supersede } from './supersede.ts';
import { batchPlan } from './batch-plan.ts';
import { personOf, windowStart } from './check-records.ts';
import { rehearse, rehearsedTogether } from './rehearse.ts';
import { openCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import type { RecordChanges } from '../intake/taken-record.ts';
import { currentPolicy } from '../policy/read-policy.ts';

interface Dependencies {
  readonly store: Store;
  readonly engine: Engine;
  readonly context: () => ActContext;
  readonly say: (progress: number) => void;
}

/** People who have vanished that a case names. */
const mostExamples = 20;

/**
 * Checks a whole import against the change budget, before any of it is in force: each part is tried and rolled back, then all parts are checked
 * together. Records that wait for approval in other batches and are not newer are replaced. Safe to repeat.
 * @returns true if it needs no approval
 */
export async function checkImport(dependencies: Dependencies, { id, source, trigger }: BatchRun & { readonly source: string }): Promise<boolean> {
  const { store, engine, context } = dependencies;
  const tried = await tryAll(dependencies, id);
  return store.transaction(context(), async (tx) => {
    const batch = await tx.batchRuns.lock(id);
    // Another worker was considered dead, and was not.
    if (batch === null || batch.standing !== 'free' || batch.plan !== null) return batch?.standing === 'free';
    const pending = await tx.batchItems.pendingRecords(
      source,
      tried.map(({ key }) => key),
    );
    const own = new Set(pending.filter(({ batchId }) => batchId === id).map(({ key }) => key));
    const newer = newerElsewhere(pending, id, tried);
    await tx.batchItems.fallAway(
      newer.map(({ key }) => ({ batchId: id, key })),
      'superseded',
      tx.context.now,
    );
    const left = tried.filter((one) => own.has(one.key) && !newer.includes(one));
    await supersede(
      tx,
      engine,
      pending,
      left.map(({ key: externalId, version, hasVanished }) => ({ externalId, version, hasVanished })),
      id,
    );
    const people = left.map((one): PersonInBatch => ({ key: one.identityId ?? one.key, identityId: one.identityId, changes: one.changes }));
    const budget = (await currentPolicy(tx, engine)).document.budget ?? {};
    const externalIds = left.map(({ key }) => key);
    const earlier = await tx.budgets.usedBy(source, windowStart(budget, tx.context.now), externalIds);
    const evaluated = evaluateBatch(countPeople(people), budget, { earlier, populations: await tx.budgets.populations() });
    if (evaluated.some(({ isOver }) => isOver)) {
      await submit(tx, engine, { id, source, trigger });
      return false;
    }
    const uses = people.flatMap(({ key, changes }) => changes.map((change) => ({ ...change, person: key })));
    await tx.budgets.use(
      source,
      uses.filter(({ kind }) => LOSING_KINDS.includes(kind)),
      tx.context.now,
    );
    await tx.batchChanges.savePlan(id, left.length, batchPlan(people, evaluated));
    const vanished = left.filter(({ hasVanished }) => hasVanished);
    if (vanished.length > 0) await openVanishedCase(tx, { id, source }, vanished);
    return true;
  });
}

/** An item with its changes as of now. */
type Tried = PlannedItem & Pick<BatchItem, 'hasVanished'>;

/** Records of which a newer version waits for approval: an earlier version replaces nothing. */
function newerElsewhere(pending: readonly PendingRecord[], id: string, tried: readonly Tried[]): readonly Tried[] {
  const waiting = new Map(pending.filter((one) => one.batchId !== id && !one.isApproved && !one.hasVanished).map(({ key, version }) => [key, version]));
  return tried.filter(({ key, version, hasVanished }) => !hasVanished && BigInt(waiting.get(key) ?? -1) > BigInt(version ?? 0));
}

async function tryAll({ store, engine, context, say }: Dependencies, batchId: string): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  let after: string | null = null;
  for (;;) {
    say(tried.length);
    const items: readonly BatchItem[] = await store.read((tx) => tx.batchItems.pending(batchId, after, rehearsedTogether));
    const last = items.at(-1);
    if (last === undefined) return tried;
    const found = new Map((await rehearseSome({ store, engine, context }, items)).map((one) => [one.incoming.externalId, plannedItem(one)]));
    const planned = items.map((item): Tried => ({ ...item, ...(found.get(item.key) ?? {}) }));
    await store.transaction(context(), (tx) =>
      tx.batchItems.replan(
        batchId,
        planned.map(({ record: _record, ...one }: Tried & Partial<BatchItem>) => one),
      ),
    );
    tried.push(...planned);
    after = last.key;
  }
}

/**
 * A record that fails does not affect the others; one that fails repeatedly is not evaluated, since it will not be carried out either. @throws the
 * first failure
 */
async function rehearseSome({ store, engine, context }: Omit<Dependencies, 'say'>, items: readonly BatchItem[]): Promise<readonly RecordChanges[]> {
  const found: RecordChanges[] = [];
  const failures: unknown[] = [];
  const one = async (item: BatchItem): Promise<void> => {
    try {
      found.push(...(await rehearse({ store, engine }, context(), [item])));
    } catch (error) {
      // A failure of the database is not the record's fault and counts as no attempt.
      if (error instanceof DatabaseUnavailable) throw error;
      const attempts = await store.transaction(context(), (tx) => tx.batchItems.failed(item.batchId, item.key));
      if (attempts < mostAttempts) failures.push(error);
    }
  };
  try {
    return await rehearse({ store, engine }, context(), items);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    for (const item of items) await one(item);
  }
  if (failures.length > 0) throw failures[0];
  return found;
}

/** Planned batch item of a record, with the changes that it would make. */
export function plannedItem(record: RecordChanges): PlannedItem {
  const { externalId: key, version } = record.incoming;
  const { identityId, changes } = personOf(record);
  return { key, version, identityId, changes, before: record.before, after: record.after };
}

async function submit(tx: Transaction, engine: Engine, { id, source, trigger }: Pick<BatchRun, 'id' | 'source' | 'trigger'>): Promise<void> {
  await tx.batchChanges.wait(id);
  tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: id, identityId: null, reason: { trigger, source } });
  const held = await tx.batchChanges.lock(id);
  if (held !== null) await refreshBatch(tx, engine, held, false);
}

/** Opens the case about people who are missing from an import without a record of their end: somebody has to check whether they left. */
async function openVanishedCase(tx: Transaction, { id, source }: Pick<BatchRun, 'id' | 'source'>, vanished: readonly Tried[]): Promise<void> {
  const identityIds = vanished.flatMap(({ identityId }) => identityId ?? []);
  await openCase(tx, {
    kind: 'vanished-from-feed',
    key: `vanished-from-feed/${id}`,
    identityId: null,
    target: null,
    operationId: null,
    evidence: { source, importId: id, people: vanished.length, identityIds: identityIds.slice(0, mostExamples) },
  });
}
