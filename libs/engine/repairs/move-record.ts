import { randomUUID } from 'node:crypto';
import { EXTENSION_SOURCE, InputInvalid, NotFound, OPERATOR_SOURCE } from '@tenure/domain';
import type { StoredIdentity, StoredRecord, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { baseOfUserName, chooseUserName } from '../intake/choose-user-name.ts';
import { lookFor, newIdentity } from '../intake/store-records.ts';
import { closeLoginCases } from '../login/login-case.ts';
import { decideBoth } from './decide-both.ts';
import { endEmptied } from './end-emptied.ts';
import { isEndedByHand, isOver, operatorBefore, plainWork, type RepairTerms, type RepairWork } from './repair-work.ts';

/**
 * Moves a source record that was linked to the wrong person to another one, or to a new identity. The binding of a login goes with its record, and
 * the sessions that were opened by it end. A person to whom nothing else belongs ends.
 * @param toIdentityId `null`: a new identity
 * @throws NotFound, InputInvalid
 */
export async function moveRecord(tx: Transaction, engine: Engine, recordId: string, toIdentityId: string | null, terms: RepairTerms): Promise<RepairWork> {
  const record = await lockedRecord(tx, recordId);
  const from = await tx.identities.lock(record.identityId);
  if (from === null) throw new Error('a record of nobody');
  const to = toIdentityId === null ? await somebodyNew(tx, engine, record) : await known(tx, toIdentityId, from);
  if (record.status !== 'ended' && (await isEndedByHand(tx, from.id)))
    throw new InputInvalid('recordId: an operator has ended this person, so the record does not leave with their access: use withdrawTermination first', {
      recordId,
    });
  const login = await moveLogin(tx, record, from, to);
  await tx.repairs.moveRecord(recordId, from.id, to.id);
  const left = (await tx.identities.recordsOf(from.id)).filter(({ source }) => source !== OPERATOR_SOURCE && source !== EXTENSION_SOURCE);
  const before = left.length === 0 ? [await endEmptied(tx, from)] : [];
  for (const identityId of [from.id, to.id])
    tx.audit.record({
      action: 'record.moved',
      subjectKind: 'record',
      subjectId: recordId,
      identityId,
      reason: { repairId: terms.repairId, source: record.source, from: from.id, to: to.id },
      personal: { reason: terms.reason },
    });
  await decideBoth(tx, engine, [from.id, to.id]);
  const moved = { 'source_record.identity_id': [recordId], ...(before.length === 0 ? {} : { [operatorBefore]: before }) };
  return plainWork(from.id, to.id, moved, { isOtherNew: toIdentityId === null, forGood: login ? ['sessions', 'confirmations'] : [] });
}

type LinkedRecord = StoredRecord & { readonly identityId: string };

async function lockedRecord(tx: Transaction, recordId: string): Promise<LinkedRecord> {
  const found = await tx.records.get(recordId);
  const [record] = found === null ? [] : await tx.records.lock([found]);
  if (record === undefined || record.source === OPERATOR_SOURCE || record.source === EXTENSION_SOURCE)
    throw new NotFound(`there is no record ${recordId} of a source`, { recordId });
  const { identityId } = record;
  if (identityId === null) throw new InputInvalid('recordId: the record belongs to no identity yet: use decideRecord', { recordId });
  return { ...record, identityId };
}

async function known(tx: Transaction, id: string, from: StoredIdentity): Promise<StoredIdentity> {
  if (id === from.id) throw new InputInvalid('toIdentityId: the record belongs to this person already', { identityId: id });
  const to = await tx.identities.lock(id);
  if (to === null) throw new NotFound(`there is no identity ${id}`, { identityId: id });
  const { mergedInto = null } = to;
  if (mergedInto !== null) throw new InputInvalid(`toIdentityId: this identity was merged into ${mergedInto}: use that one`, { identityId: mergedInto });
  return to;
}

async function somebodyNew(tx: Transaction, { configuration }: Engine, record: StoredRecord): Promise<StoredIdentity> {
  const id = randomUUID();
  const base = baseOfUserName(record.facts, id);
  await tx.records.lockKeys([`userName\n${base}`]);
  const { taken } = await lookFor(tx, configuration, [{ values: [], base }]);
  const created = newIdentity(tx, configuration, id, chooseUserName(base, id, taken), record.userType ?? 'contractor');
  await tx.records.save([created], []);
  tx.audit.record({
    action: 'identity.created',
    subjectKind: 'identity',
    subjectId: id,
    identityId: id,
    reason: { source: record.source, recordId: record.id },
  });
  return created;
}

/** Moves the binding of a login's record. @returns true if there is one @throws InputInvalid where it may not belong to the other person */
async function moveLogin(tx: Transaction, record: StoredRecord, from: StoredIdentity, to: StoredIdentity): Promise<boolean> {
  const { id: recordId, source: provider } = record;
  await closeLoginCases(tx, recordId, 'the record was moved to another identity');
  await tx.repairs.endConfirmation(recordId);
  if ((await tx.logins.ofRecord(record)) === null) return false;
  if ((await tx.identities.subjectsOf(to.id)).some((one) => one.provider === provider))
    throw new InputInvalid('toIdentityId: another subject of this provider is bound to this person: end that binding first', { identityId: to.id, provider });
  // Whoever has left must not log in as somebody who has not.
  if (isOver(from) !== isOver(to))
    throw new InputInvalid('recordId: it is the record of a login, and one of the two people has left: end the binding, and let the person log in again', {
      recordId,
    });
  await tx.repairs.moveLogin(record, to.id);
  await tx.sessions.revokeThrough(from.id, provider, 'the login was moved to another identity', tx.context.now);
  return true;
}
