import {
  correctionItems,
  type CorrectionItem,
  correctionsOf,
  type EvaluatedCount,
  LOSING_KINDS,
  type PersonInBatch,
  type CorrectableFinding,
} from '@tenure/domain';
import type { BatchChange, NewBatchItem, Transaction } from '@tenure/store';
import { batchPlan } from '../batches/batch-plan.ts';
import { evaluateChanges } from '../batches/check-records.ts';
import { refreshBatch } from '../batches/refresh-batch.ts';
import type { Engine } from '../decide/engine.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/**
 * Makes one batch change of the corrections of a target: carried out within the change budget, else it waits for approval. One that waits already is
 * refreshed instead: its closed findings fall away, and these join it.
 * @param reason of a person who requests them; absent: the configuration does
 * @returns `null`: there is nothing to correct
 */
export async function submitCorrections(
  tx: Transaction,
  engine: Engine,
  target: string,
  findings: readonly CorrectableFinding[],
  reason?: string,
): Promise<BatchChange | null> {
  const known = await tx.batchChanges.ofOrigin('corrections', target);
  const waiting = known === null ? null : await tx.batchChanges.lock(known.id);
  if (waiting?.standing === 'held') return refreshCorrections(tx, engine, waiting, findings);
  const items = correctionItems(findings);
  if (items.length === 0) return null;
  const { budget = {} } = (await currentPolicy(tx, engine)).document;
  const people = items.map(asPerson);
  const evaluated = await evaluateChanges(tx, budget, correctionsOf(target), people);
  const plan = batchPlan(people, evaluated);
  const origin = { kind: 'corrections', target } as const;
  const batch = await tx.batchChanges.open({ trigger: 'decision', source: null, origin, people: items.length, plan }, tx.context);
  await addItems(tx, batch.id, items);
  if (evaluated.some(({ isOver }) => isOver)) {
    tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason: { trigger: 'decision', corrections: target } });
    return refreshBatch(tx, engine, batch, false);
  }
  await begin(tx, batch, target, people, evaluated, reason);
  return tx.batchChanges.get(batch.id);
}

/** Renews a batch change of corrections that waits, which must be locked: what is closed falls away, and more findings may join it. */
export async function refreshCorrections(tx: Transaction, engine: Engine, batch: BatchChange, more: readonly CorrectableFinding[]): Promise<BatchChange> {
  const kept = await tx.findings.openOfBatch(batch.id, tx.context.now);
  const before = new Map((await tx.batchItems.pendingOf(batch.id, {})).map((item) => [item.key, item]));
  const items = correctionItems([...new Map([...kept, ...more].map((finding) => [finding.id, finding])).values()]);
  const keys = new Set(items.map(({ key }) => key));
  const gone = [...before.keys()].filter((key) => !keys.has(key));
  await tx.batchItems.fallAway(
    gone.map((key) => ({ batchId: batch.id, key })),
    'no-change',
    tx.context.now,
  );
  const isMore = ({ key, changes }: CorrectionItem): boolean => {
    const known = before.get(key)?.changes.map(({ kind }) => kind) ?? [];
    return changes.some(({ kind }) => !known.includes(kind));
  };
  const isLess = !items.some(isMore);
  await addItems(tx, batch.id, items);
  return refreshBatch(tx, engine, batch, isLess);
}

async function begin(
  tx: Transaction,
  batch: BatchChange,
  target: string,
  people: readonly PersonInBatch[],
  evaluated: readonly EvaluatedCount[],
  requested: string | undefined,
): Promise<void> {
  const { actor, now: at, correlationId } = tx.context;
  const uses = people.flatMap(({ key, changes }) => changes.filter(({ kind }) => LOSING_KINDS.includes(kind)).map((change) => ({ ...change, person: key })));
  await tx.budgets.use(correctionsOf(target), uses, at);
  const by = requested === undefined ? 'tenure' : `${actor.kind} ${actor.id}`;
  await tx.batchChanges.release(batch.id, { by, reason: requested ?? 'within the change budget', at, correlationId });
  const changes = evaluated.filter((one) => one.target === target).map(({ kind, people: count }) => `${kind} ${count}`);
  tx.audit.record({
    action: 'corrections.begun',
    subjectKind: 'wave',
    subjectId: batch.id,
    identityId: null,
    reason: { target, accounts: people.length, changes, isRequested: requested !== undefined },
  });
}

async function addItems(tx: Transaction, batchId: string, items: readonly CorrectionItem[]): Promise<void> {
  await tx.batchItems.add(batchId, items.map(itemOf), tx.context.now);
  await tx.findings.putInBatch(
    items.flatMap(({ findingIds }) => findingIds),
    batchId,
  );
}

function itemOf({ key, identityId, changes }: CorrectionItem): NewBatchItem {
  return { key, source: null, version: null, record: null, hasVanished: false, identityId, changes };
}

function asPerson({ key, identityId, changes }: CorrectionItem): PersonInBatch {
  return { key: identityId ?? key, identityId, changes };
}
