import type { BatchChange, NewBatchItem, Transaction } from '@tenure/store';
import { refreshBatch } from './refresh-batch.ts';
import { supersede } from './supersede.ts';
import type { Engine } from '../decide/engine.ts';
import { personOf } from './check-records.ts';
import type { RecordChanges, TakenRecord } from '../intake/taken-record.ts';
import type { IncomingRecord } from '../intake/incoming-record.ts';

/**
 * Keeps records that would change too much at once, with their plan, for a person to decide. None of them is in force.
 * @param held records that would change something
 * @returns in their order
 */
export async function submitRecords(tx: Transaction, engine: Engine, source: string, held: readonly RecordChanges[]): Promise<readonly TakenRecord[]> {
  // Other transactions that keep records of this source wait: otherwise two of them would open a batch each.
  const known = await tx.batchChanges.ofSource(source);
  const externalIds = held.map(({ incoming }) => incoming.externalId);
  const pending = await tx.batchItems.pendingRecords(source, externalIds);
  const open = known === null ? null : await tx.batchChanges.lock(known.id);
  const batch = open?.standing === 'held' ? open : await openBatchChange(tx, source);
  // A record that is already in this batch is replaced by its newer version.
  const inPlace = new Set(held.map(({ incoming }) => incoming.externalId));
  const others = pending.filter(({ batchId, key }) => batchId !== batch.id || !inPlace.has(key));
  await tx.batchItems.add(batch.id, held.map(itemOf), tx.context.now);
  await supersede(
    tx,
    engine,
    others,
    held.map(({ incoming }) => incoming),
  );
  for (const { incoming, taken } of held) auditWaiting(tx, batch, incoming, taken);
  await refreshBatch(tx, engine, batch, false);
  return held.map(({ taken }) => waitingAnswer(taken.outcome === 'created' ? null : taken.identityId, batch.id));
}

export function waitingAnswer(identityId: string | null, batchId: string): TakenRecord {
  const message = 'waits for approval in a batch change: more would change at once than the change budget allows';
  return { outcome: 'held', identityId, recordId: null, linkedBy: null, message, batchId: batchId };
}

async function openBatchChange(tx: Transaction, source: string): Promise<BatchChange> {
  const batch = await tx.batchChanges.open({ trigger: 'record', source, people: 0, plan: { digest: '', people: 0, changes: [] } }, tx.context);
  tx.audit.record({ action: 'wave.held', subjectKind: 'wave', subjectId: batch.id, identityId: null, reason: { trigger: 'record', source } });
  return batch;
}

function itemOf(record: RecordChanges): NewBatchItem {
  const { externalId: key, source, version, hasVanished = false } = record.incoming;
  const { identityId, changes } = personOf(record);
  return { key, source, version, record: { ...record.incoming }, hasVanished, identityId, changes, before: record.before, after: record.after };
}

/** Audits with the person that a record arrived which is not in force. */
function auditWaiting(tx: Transaction, batch: BatchChange, { source, version, status }: IncomingRecord, { outcome, identityId }: TakenRecord): void {
  if (identityId === null || outcome === 'created') return;
  const reason = { source, version, status, waveId: batch.id };
  tx.audit.record({ action: 'record.held', subjectKind: 'identity', subjectId: identityId, identityId, reason });
}
