import { EXTENSION_SOURCE, type Facts, Forbidden, type Instant, InputInvalid, NotFound, OPERATOR_SOURCE, type SaidRecord } from '@tenure/domain';
import type { StoredRecord, Transaction } from '@tenure/store';
import { closeCase } from '../cases/open-case.ts';
import { userTypeStatedBy } from './claim-mappings.ts';
import { hasRightsInTenure } from '../callers/has-rights-in-tenure.ts';
import { contentOf } from './known-record.ts';
import type { Engine } from '../decide/engine.ts';
import { settingsOfSource, trustsDomainOf } from './settings-of-source.ts';
import { userTypeFor } from './user-type-for.ts';
import { wake } from '../decide/wake.ts';
import { decideIdentity } from '../decide/decide-identities.ts';

/** Record to correct or withdraw, as shown to the person who decides, with their reason. */
export interface DecidedRecord {
  readonly recordId: string;
  readonly version: string;
  /** May name people: it is kept with the person's key. */
  readonly reason: string;
  readonly by: { readonly id: string; readonly isAdmin: boolean };
}

/** Operator's correction of a source record: takes precedence over the source's content; attributes that are left out keep their value. */
export interface Correction {
  readonly facts: Facts;
  readonly status: 'active' | 'ended' | null;
  /** End with `ended`; both `null`: now. */
  readonly end: { readonly endedAt: Instant | null; readonly endedOn: string | null };
  /** Version of the record from now on: later versions from the source count again. `null`: unchanged. */
  readonly version: string | null;
}

/**
 * Corrects one record where its source cannot: wrong content, or a version so high that no later one could come. The same version from the source is
 * then known; a later one than the record has now counts again.
 * @throws NotFound, InputInvalid where it differs from the one that was shown, Forbidden for a record of one's own, or of somebody with rights in
 * Tenure
 */
export async function correctRecord(tx: Transaction, engine: Engine, decided: DecidedRecord, correction: Correction): Promise<StoredRecord> {
  const known = await recordToDecide(tx, engine, decided);
  const source = settingsOfSource(engine.configuration, known.source);
  if ('protocol' in source)
    throw new InputInvalid('a login replaces its record each time, so it cannot be corrected: use withdrawRecord', { source: source.name });
  if (known.identityId === null) throw new InputInvalid('the record belongs to no identity yet: use decideRecord first', { recordId: known.id });
  const status = correction.status ?? known.status;
  const facts = { ...known.facts, ...correction.facts };
  const { email } = facts;
  const { now } = tx.context;
  const { endedAt, endedOn } = correction.end;
  const end = correction.status === 'ended' ? { endedAt: endedAt ?? (endedOn === null ? now : null), endedOn } : correction.status === 'active' ? noEnd : {};
  const corrected: StoredRecord = {
    ...known,
    ...end,
    facts,
    status,
    version: correction.version ?? known.version,
    emailVerified: typeof email === 'string',
    emailTrusted: typeof email === 'string' && trustsDomainOf(source, email),
    userType: userTypeFor(userTypeStatedBy(engine.claims, known.source), { facts }),
    recordedAt: now,
    vanishedAt: null,
    withdrawnAt: null,
    said: sentContent(known),
  };
  return decidedTo(tx, engine, corrected, 'record.corrected', decided);
}

/**
 * Withdraws one record, as if its source had not sent it: its relationship ends, and its facts count only for a person of whom nothing else is known.
 * Anything else that the source sends under the same id is taken, in any version.
 * @throws as `correctRecord`
 */
export async function withdrawRecord(tx: Transaction, engine: Engine, decided: DecidedRecord): Promise<StoredRecord> {
  const known = await recordToDecide(tx, engine, decided);
  const { now } = tx.context;
  const said = sentContent(known);
  const withdrawn: StoredRecord = { ...known, status: 'ended', endedAt: now, endedOn: null, groups: null, vanishedAt: null, withdrawnAt: now, said };
  return decidedTo(tx, engine, withdrawn, 'record.withdrawn', decided);
}

/** Content that the source itself sent last; an operator decides about it from now on, whatever undo came before. */
function sentContent(known: StoredRecord): SaidRecord {
  const { undoneIn: _undoneIn, ...said } = known.said ?? contentOf(known);
  return said;
}

const noEnd = { endedAt: null, endedOn: null } as const;

/** Record to decide about, locked until the transaction ends. */
async function recordToDecide(tx: Transaction, engine: Engine, { recordId, version, by }: DecidedRecord): Promise<StoredRecord> {
  const known = await tx.records.get(recordId);
  const [record] = known === null ? [] : await tx.records.lock([known]);
  if (record === undefined || record.source === OPERATOR_SOURCE || record.source === EXTENSION_SOURCE)
    throw new NotFound(`there is no record ${recordId} of a source`, { recordId });
  if (record.version !== version)
    throw new InputInvalid('version: the record has changed since it was read; read it again', { recordId, version: record.version });
  if ((record.withdrawnAt ?? null) !== null) throw new InputInvalid('the record is withdrawn already', { recordId });
  if (record.identityId === null) return record;
  if (record.identityId === by.id) throw new Forbidden('You cannot correct or withdraw a source record about yourself.');
  if (!by.isAdmin && (await hasRightsInTenure(tx, engine, record.identityId)))
    throw new Forbidden('Only an administrator can correct or withdraw a record of a person with rights in Tenure.', { identityId: record.identityId });
  return record;
}

async function decidedTo(
  tx: Transaction,
  engine: Engine,
  record: StoredRecord,
  action: 'record.corrected' | 'record.withdrawn',
  { reason }: DecidedRecord,
): Promise<StoredRecord> {
  const { id, identityId, source, version, status, endedAt, endedOn = null, said = null } = record;
  await tx.records.save([], [record]);
  tx.audit.record({
    action,
    subjectKind: 'record',
    subjectId: id,
    identityId,
    reason: { source, version, of: said?.version ?? version, status, endedAt, endedOn },
    ...(identityId === null ? {} : { personal: { reason, facts: record.facts } }),
  });
  for (const open of await tx.cases.openOfKeys([`ambiguous-record/${id}`]))
    if (record.withdrawnAt != null) await closeCase(tx, open, 'the record was withdrawn');
  if (identityId === null) return record;
  const { changed, stage } = await decideIdentity(tx, engine, identityId, 'decision');
  if (changed) await wake(tx, identityId, 'decision', stage === 'leaving');
  return record;
}
