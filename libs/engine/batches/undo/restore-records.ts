import { type AuditAction, type CountedChange, type FallAwayReason, type ItemState } from '@tenure/domain';
import type { AuditEvent, BatchItem, StoredRecord, Transaction } from '@tenure/store';
import { closeCase } from '../../cases/open-case.ts';
import { type CheckPeople, decidePeople } from '../../decide/decide-people.ts';
import type { Engine } from '../../decide/engine.ts';
import { policyToDecideBy } from '../../policy/read-policy.ts';
import { wakeMany } from '../open-batch.ts';
import { recordState, withRecord } from '../record-state.ts';
import { CONTENT_ACTIONS, type TracedItem, traceItem } from './previous-content.ts';
import { changesEnd, restoredRecord, withdrawnRecord } from './restored-record.ts';

/** An item that was carried out, with the effect of undoing it. */
export interface RestoredItem {
  readonly undone: BatchItem;
  readonly identityId: string | null;
  /** Reason for which it is left as it is; `null`: its record is restored. */
  readonly reason: FallAwayReason | null;
  readonly changes: readonly CountedChange[];
  readonly before: ItemState | null;
  readonly after: ItemState | null;
}

/** Check of the effects before anything about people is written; an error that it throws ends the transaction. */
export type CheckRestored = (items: readonly RestoredItem[]) => Promise<void>;

/** Statements of operators and sponsors about the end of a person. */
const endStatements = [
  'identity.terminated',
  'identity.terminationScheduled',
  'identity.terminationLifted',
  'identity.contractExtended',
] as const satisfies readonly AuditAction[];

/** Milliseconds by which clocks of processes may differ. Whether an event is later, its position in the audit decides. */
const clockSkew = 3_600_000;

/**
 * Restores the records of items as they were before, where nothing newer states otherwise, and decides about their people. Access follows from the
 * decisions, as after any record.
 * @param batchId of the undo
 */
export async function restoreRecords(
  tx: Transaction,
  engine: Engine,
  batchId: string,
  items: readonly BatchItem[],
  check?: CheckRestored,
): Promise<readonly RestoredItem[]> {
  // Before any lock on a record or a person, as every decision does.
  const policy = policyToDecideBy(tx, engine);
  const [restored] = await Promise.all([restoreEach(tx, engine, batchId, items), policy]);
  const found = (changes: Parameters<CheckPeople>[0]): readonly RestoredItem[] =>
    restored.map(({ undone, known, record, reason }): RestoredItem => {
      const identityId = known?.identityId ?? undone.identityId;
      if (reason !== null || known === undefined || record === null) return { undone, identityId, reason, changes: [], before: null, after: null };
      const { changes: own = [], before = null, after = null } = changes.get(identityId ?? '') ?? {};
      const states = { before: withRecord(before, recordState(known)), after: withRecord(after, recordState(record)) };
      return { undone, identityId, reason, changes: own, ...states };
    });
  const ids = [...new Set(restored.flatMap(({ record }) => record?.identityId ?? []))];
  let effects = found(new Map());
  if (ids.length === 0) {
    await check?.(effects);
    return effects;
  }
  const decisions = await decidePeople(tx, engine, policy, ids, 'decision', new Map(), async (changes) => {
    effects = found(changes);
    await check?.(effects);
  });
  await wakeMany(tx, decisions, 'decision');
  return effects;
}

interface Restored {
  readonly undone: BatchItem;
  readonly known: StoredRecord | undefined;
  /** The record as it is stored from now on; `null`: it stays. */
  readonly record: StoredRecord | null;
  readonly reason: FallAwayReason | null;
}

async function restoreEach(tx: Transaction, engine: Engine, batchId: string, items: readonly BatchItem[]): Promise<readonly Restored[]> {
  const recordIds = items.flatMap(({ after }) => after?.record?.id ?? []);
  const known = new Map((await tx.records.lock(await tx.records.many(recordIds))).map((record) => [record.id, record]));
  const events = Map.groupBy(await tx.audit.ofSubjects(recordIds, CONTENT_ACTIONS), ({ subjectId }) => subjectId);
  const traced = items.map((undone) => {
    const recordId = undone.after?.record?.id ?? '';
    return { undone, known: known.get(recordId), ...traceItem(undone, known.get(recordId), events.get(recordId) ?? []) };
  });
  const contents = await contentsOf(tx, traced);
  const newer = await endsSince(tx, traced);
  const restored = traced.map((one) => restore(tx, engine, batchId, one, contents, newer));
  const records = restored.flatMap(({ record }) => record ?? []);
  if (records.length > 0) await tx.records.save([], records);
  for (const record of records) await auditRestored(tx, record, batchId);
  return restored;
}

type Traced = TracedItem & Pick<Restored, 'undone' | 'known'>;

function restore(
  tx: Transaction,
  engine: Engine,
  batchId: string,
  { undone, known, previous, position }: Traced,
  contents: ReadonlyMap<string, AuditEvent>,
  ends: ReadonlyMap<string, readonly AuditEvent[]>,
): Restored {
  if (previous.kind === 'falls-away' || known === undefined)
    return { undone, known, record: null, reason: previous.kind === 'falls-away' ? previous.reason : 'newer' };
  const undo = { batchId, now: tx.context.now };
  const content = previous.kind === 'restore' ? contents.get(previous.event.id) : undefined;
  const record = content === undefined ? withdrawnRecord(known, undo) : restoredRecord(engine, known, content, undo);
  if (record === null) return { undone, known, record, reason: 'content-unknown' };
  const later = (ends.get(known.identityId ?? '') ?? []).some((event) => position !== null && event.position > position && isOfAnother(event, known));
  return later && changesEnd(known, record) ? { undone, known, record: null, reason: 'newer' } : { undone, known, record, reason: null };
}

/** True: somebody else than the source of this record has stated an end. */
function isOfAnother({ action, reason }: AuditEvent, { source }: StoredRecord): boolean {
  const isContent = (CONTENT_ACTIONS as readonly string[]).includes(action);
  return isContent ? reason['source'] !== source && reason['status'] === 'ended' : true;
}

/** Events with the contents to restore, by id. */
async function contentsOf(tx: Transaction, traced: readonly Traced[]): Promise<ReadonlyMap<string, AuditEvent>> {
  const ids = traced.flatMap(({ previous }) => (previous.kind === 'restore' ? [previous.event.id] : []));
  return new Map((ids.length === 0 ? [] : await tx.audit.withPersonal(ids)).map((event) => [event.id, event]));
}

/** Statements about the end of each person since the items were carried out. */
async function endsSince(tx: Transaction, traced: readonly Traced[]): Promise<ReadonlyMap<string, readonly AuditEvent[]>> {
  const undoable = traced.filter(({ previous }) => previous.kind !== 'falls-away');
  const ids = [...new Set(undoable.flatMap(({ known }) => known?.identityId ?? []))];
  const [first] = undoable.flatMap(({ undone }) => undone.settledAt ?? []).sort();
  if (ids.length === 0 || first === undefined) return new Map();
  const from = new Date(Date.parse(first) - clockSkew).toISOString();
  const events = await tx.audit.since(ids, [...endStatements, ...CONTENT_ACTIONS], from);
  return Map.groupBy(events, ({ identityId }) => identityId ?? '');
}

async function auditRestored(tx: Transaction, record: StoredRecord, batchId: string): Promise<void> {
  const { id, identityId, source, version, status, endedAt, endedOn = null, said = null, withdrawnAt = null } = record;
  const isWithdrawn = withdrawnAt !== null;
  tx.audit.record({
    action: 'record.restored',
    subjectKind: 'record',
    subjectId: id,
    identityId,
    reason: { source, version, of: said?.version ?? version, status, endedAt, endedOn, batchId, isWithdrawn },
    ...(identityId === null ? {} : { personal: { facts: record.facts, groups: record.groups } }),
  });
  if (isWithdrawn) for (const open of await tx.cases.openOfKeys([`ambiguous-record/${id}`])) await closeCase(tx, open, 'the record was withdrawn');
}
