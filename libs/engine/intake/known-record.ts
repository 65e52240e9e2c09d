import { type Instant, reasonOf, type SaidRecord } from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';
import { sameJson } from '../decide/same-json.ts';
import type { TakenRecord } from './taken-record.ts';
import type { IncomingRecord } from './incoming-record.ts';

/**
 * Answer to a record that brings nothing new: its version is known, or a newer one is. The same version with other content is a mistake of the
 * source, since it is undecidable which of the two is valid.
 * @returns `null` where the record is to be taken
 */
export function answerOfKnown(incoming: IncomingRecord, known: StoredRecord): TakenRecord | null {
  const { version, said = null, vanishedAt = null, withdrawnAt = null } = known;
  const [sent, had] = [BigInt(incoming.version), BigInt(version)];
  const isSame = sent === BigInt(said?.version ?? version);
  // A person who is no longer named has vanished in the version that counts.
  if (incoming.hasVanished === true ? sent === had && vanishedAt === null : isSame && vanishedAt !== null && saysTheSame(incoming, said ?? contentOf(known)))
    return null;
  if (isSame) return answerOfSame(incoming, known);
  // Of a withdrawn record anything else that the source sends is new, whatever its version.
  if (withdrawnAt !== null) return null;
  if (sent < had) return answer('stale', known, `version ${version} is recorded already, which is newer`);
  // A version that an operator has given it.
  return sent > had ? null : answerOfSame(incoming, { ...known, said: null });
}

/** Answer to the version that was sent last, or that counts. */
function answerOfSame(incoming: IncomingRecord, known: StoredRecord): TakenRecord | null {
  const { said = null, vanishedAt = null, withdrawnAt = null } = known;
  if (incoming.hasVanished !== true && !isLogin(incoming) && !saysTheSame(incoming, said ?? contentOf(known)))
    return { ...answer('conflict', known, ''), ...conflictOf(incoming) };
  if (said !== null && vanishedAt === null) return answer('unchanged', known, whyNotInForce(said, withdrawnAt));
  // A record without an identity is correlated again.
  return known.identityId === null ? null : answer('unchanged', known, 'this version is recorded already');
}

/** A version that is known and not in force does not come back by being sent again: its sender learns why. */
function whyNotInForce({ undoneIn }: SaidRecord, withdrawnAt: Instant | null): string {
  if (undoneIn !== undefined) return `this version is not in force: the batch change ${undoneIn} has undone it; a newer version counts again`;
  return `an operator has ${withdrawnAt === null ? 'corrected' : 'withdrawn'} this version`;
}

/** True: two records of the same version differ in content. */
export function contradicts(record: IncomingRecord, { version, facts, status, endedAt, endedOn = null }: IncomingRecord): boolean {
  return BigInt(record.version) === BigInt(version) && !saysTheSame(record, { version, facts, status, endedAt, endedOn });
}

export function conflictOf({ version }: IncomingRecord): Pick<TakenRecord, 'outcome' | 'message'> {
  return { outcome: 'conflict', message: `version ${version} is recorded already, with other content: a change needs a new version` };
}

/** True for a login. Its version is the clock's: two in one millisecond are no mistake. */
function isLogin({ asserted }: IncomingRecord): boolean {
  return asserted !== undefined;
}

/** Content of a record: version, facts, status and end, without Tenure's additions. */
export function contentOf({ version, facts, status, endedAt, endedOn = null }: StoredRecord): SaidRecord {
  return { version, facts, status, endedAt, endedOn };
}

/** Compares the content of two records. Facts that a final record leaves out keep their last value, and so do a status or end that is left out. */
function saysTheSame({ facts, status, endedAt, endedOn = null }: IncomingRecord, said: SaidRecord): boolean {
  const names = new Set([...Object.keys(facts), ...(said.status === 'ended' ? [] : Object.keys(said.facts))]);
  const isSame = (name: string): boolean => Object.hasOwn(facts, name) && Object.hasOwn(said.facts, name) && sameJson(facts[name], said.facts[name]);
  return [...names].every(isSame) && (status === null || status === said.status) && isSameEnd({ endedAt, endedOn }, said);
}

function isSameEnd({ endedAt, endedOn }: { readonly endedAt: Instant | null; readonly endedOn: string | null }, said: SaidRecord): boolean {
  return (endedAt === null && endedOn === null) || (endedAt === said.endedAt && endedOn === said.endedOn);
}

function answer(outcome: 'unchanged' | 'stale' | 'conflict', { identityId, id: recordId }: StoredRecord, message: string): TakenRecord {
  return { outcome, identityId, recordId, linkedBy: null, message };
}

/** Into the audit, once however often it is sent again: the source has to be looked at. */
export async function auditConflict(
  tx: Transaction,
  { source, externalId, version, facts }: IncomingRecord,
  { identityId, recordId }: TakenRecord,
): Promise<void> {
  const [last] = recordId === null ? [] : await tx.audit.page({ subjectId: recordId, action: 'record.conflict' }, 1, null);
  if (
    last !== undefined &&
    reasonOf(last, 'record.conflict')?.version === version &&
    sameJson(last.personal?.['facts'] ?? null, identityId === null ? null : facts)
  )
    return;
  tx.audit.record({
    action: 'record.conflict',
    subjectKind: 'record',
    subjectId: recordId ?? '',
    identityId,
    reason: { source, version },
    ...(identityId === null ? {} : { personal: { externalId, facts } }),
  });
}
