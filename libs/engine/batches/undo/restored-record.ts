import { type Facts, type Instant, type SaidRecord, type SourceRecord, type StoredReason } from '@tenure/domain';
import type { AuditEvent, StoredRecord } from '@tenure/store';
import type { Engine } from '../../decide/engine.ts';
import { sameJson } from '../../decide/same-json.ts';
import { userTypeStatedBy } from '../../intake/claim-mappings.ts';
import { contentOf } from '../../intake/known-record.ts';
import { settingsOfSource, trustsDomainOf } from '../../intake/settings-of-source.ts';
import { userTypeFor } from '../../intake/user-type-for.ts';

/** Undo by which a record is restored. */
interface Undo {
  readonly batchId: string;
  readonly now: Instant;
}

/**
 * The record with an earlier content, like an operator's correction: it keeps its version, so that the version that is undone is known, and any later
 * version of its source counts again. Content that equals what the source stated last counts as the source's own.
 * @param event contains the earlier content
 * @returns `null` if its facts are not in the audit any more
 */
export function restoredRecord({ configuration, claims }: Engine, known: StoredRecord, event: AuditEvent, undo: Undo): StoredRecord | null {
  const reason = event.reason as StoredReason<'record.restored'>;
  if (event.action === 'record.withdrawn' || reason.isWithdrawn === true) return withdrawnRecord(known, undo);
  if (event.personal === null) return null;
  const facts = (event.personal['facts'] ?? {}) as Facts;
  const groups = (event.personal['groups'] ?? null) as SourceRecord['groups'];
  const { status = null, endedAt = null, endedOn = null } = reason;
  const { email } = facts;
  const source = settingsOfSource(configuration, known.source);
  const said = known.said ?? contentOf(known);
  const isSaid = sameJson({ facts, status, endedAt, endedOn }, { facts: said.facts, status: said.status, endedAt: said.endedAt, endedOn: said.endedOn });
  return {
    ...known,
    facts,
    groups,
    status,
    endedAt,
    endedOn,
    emailVerified: typeof email === 'string',
    emailTrusted: typeof email === 'string' && trustsDomainOf(source, email),
    userType: userTypeFor(userTypeStatedBy(claims, known.source), { facts }),
    recordedAt: undo.now,
    vanishedAt: null,
    withdrawnAt: null,
    said: isSaid ? null : undone(said, undo),
  };
}

/** The record as if its source had not sent it: its relationship ends. */
export function withdrawnRecord(known: StoredRecord, undo: Undo): StoredRecord {
  const { now } = undo;
  const said = undone(known.said ?? contentOf(known), undo);
  return { ...known, status: 'ended', endedAt: now, endedOn: null, groups: null, recordedAt: now, vanishedAt: null, withdrawnAt: now, said };
}

function undone(said: SaidRecord, { batchId: undoneIn }: Undo): SaidRecord {
  return { ...said, undoneIn };
}

/** Attributes that bound a relationship. */
const bounds = ['startDate', 'endDate'];

/** True: two versions of a record differ in the begin or the end of the relationship. */
export function changesEnd(one: StoredRecord, other: StoredRecord): boolean {
  const endOf = ({ status, endedAt, endedOn = null, withdrawnAt = null, facts }: StoredRecord) => ({
    status,
    endedAt: status === 'ended' ? endedAt : null,
    endedOn: status === 'ended' ? endedOn : null,
    isWithdrawn: withdrawnAt !== null,
    bounds: bounds.map((name) => facts[name] ?? null),
  });
  return !sameJson(endOf(one), endOf(other));
}
