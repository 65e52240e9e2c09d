import type { Facts } from '@tenure/domain';
import type { StoredIdentity, StoredRecord, Transaction } from '@tenure/store';
import { saidOf } from '../leavers/operator-record.ts';

/** Dates of a relationship: they would give an identity without records one of its own. */
const ofRelationship: readonly string[] = ['startDate', 'endDate', 'leaveStart', 'leaveEnd', 'primary'];

/**
 * Ends an identity to which no source record belongs any more, by the operators' record about it: nothing else would say that there is nobody. Its
 * last facts stay with it, so that its history can be read and the lifecycle rule for its end is found; no source states them, so nobody is
 * correlated by them.
 * @returns the record before, as text for the repair
 */
export async function endEmptied(tx: Transaction, { id, attributes }: StoredIdentity): Promise<string> {
  const said = await saidOf(tx, id);
  if (said === null) throw new Error('an identity that is locked and not there');
  const { now } = tx.context;
  const facts: Facts = Object.fromEntries(Object.entries(attributes).flatMap(([name, { value }]) => (ofRelationship.includes(name) ? [] : [[name, value]])));
  const isOver = said.status === 'ended' && said.endedAt !== null && said.endedAt <= now;
  const end = isOver ? {} : { status: 'ended' as const, endedAt: now, endedOn: null };
  await tx.records.save([], [{ ...said, ...end, facts, version: next(said), recordedAt: now }]);
  return JSON.stringify({ status: said.status, endedAt: said.endedAt, endedOn: said.endedOn ?? null });
}

/** Takes such an end back. @param before as `endEmptied` has returned it */
export async function resumeEmptied(tx: Transaction, identityId: string, before: string): Promise<void> {
  const said = await saidOf(tx, identityId);
  if (said === null) return;
  const content = JSON.parse(before) as Pick<StoredRecord, 'status' | 'endedAt' | 'endedOn'>;
  await tx.records.save([], [{ ...said, ...content, facts: {}, version: next(said), recordedAt: tx.context.now }]);
}

function next({ version }: StoredRecord): string {
  return String(BigInt(version) + 1n);
}
