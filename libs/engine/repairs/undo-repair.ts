import { InputInvalid, NotFound } from '@tenure/domain';
import type { StoredIdentity, StoredRepair, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { decideBoth } from './decide-both.ts';
import { endEmptied, resumeEmptied } from './end-emptied.ts';
import { accountsMoved } from './merge-identities.ts';
import { takeBackUserName } from './release-user-name.ts';
import { isEndedByHand, operatorBefore, plainWork, type RepairTerms, type RepairWork } from './repair-work.ts';

/**
 * Undoes a repair, as far as nothing newer contradicts: what it moved and is still there goes back, and the people are decided about again. Sessions,
 * bindings and links that ended with it stay ended.
 * @throws NotFound, InputInvalid
 */
export async function undoRepair(tx: Transaction, engine: Engine, id: string, terms: RepairTerms): Promise<RepairWork> {
  const repair = await tx.repairs.lock(id);
  if (repair === null) throw new NotFound(`there is no repair ${id}`, { repairId: id });
  if (repair.kind === 'undo') throw new InputInvalid('repairId: an undo is not undone: repair again', { repairId: id });
  if (repair.status !== 'done') throw new InputInvalid(`repairId: the repair is ${repair.status}, so there is nothing to undo`, { repairId: id });
  const work = await back(tx, engine, repair, terms);
  const { actor, now } = tx.context;
  await tx.repairs.save({ ...repair, status: 'undone', undoneBy: `${actor.kind} ${actor.id}`, undoneAt: now });
  return work;
}

async function back(tx: Transaction, engine: Engine, repair: StoredRepair, terms: RepairTerms): Promise<RepairWork> {
  const { identityId, otherId } = repair;
  if (repair.kind === 'release-user-name') return takeBackUserName(tx, engine, identityId, repair.id, terms);
  if (otherId === null) throw new Error('a repair without the person to whom it went');
  const [from, to] = await bothLocked(tx, identityId, otherId);
  const moved = repair.kind === 'merge-identities' ? await unmerge(tx, repair, from, to) : await recordBack(tx, repair, from, to);
  for (const one of [from.id, to.id])
    tx.audit.record({
      action: 'repair.undone',
      subjectKind: 'identity',
      subjectId: from.id,
      identityId: one,
      reason: { repairId: terms.repairId, of: repair.id, kind: repair.kind },
      personal: { reason: terms.reason },
    });
  await decideBoth(tx, engine, [from.id, to.id]);
  return plainWork(from.id, to.id, moved, { forGood: repair.plan.forGood });
}

async function bothLocked(tx: Transaction, fromId: string, toId: string): Promise<readonly [StoredIdentity, StoredIdentity]> {
  const locked = new Map<string, StoredIdentity | null>();
  for (const id of [fromId, toId].sort()) locked.set(id, await tx.identities.lock(id));
  const [from, to] = [locked.get(fromId) ?? null, locked.get(toId) ?? null];
  if (from === null || to === null) throw new Error('people of a repair are not there');
  const { mergedInto = null } = to;
  if (mergedInto !== null)
    throw new InputInvalid(`repairId: the identity ${toId} was merged into ${mergedInto} since: undo that first`, { identityId: toId, mergedInto });
  const leased = await tx.repairs.leasedTargets([fromId, toId]);
  if (leased.length > 0)
    throw new InputInvalid(`a worker is provisioning an account of one of the two in ${leased.join(', ')} at this moment: try again in a minute`, {
      targets: leased.join(' '),
    });
  return [from, to];
}

async function unmerge(tx: Transaction, { id, moved }: StoredRepair, from: StoredIdentity, into: StoredIdentity): Promise<RepairWork['moved']> {
  if (from.mergedInto !== into.id) throw new InputInvalid('repairId: the identity is not merged into that one any more', { repairId: id });
  await mustNotEscape(tx, into);
  const back = await tx.repairs.moveBack(from.id, into.id, moved);
  const there = await tx.access.accountsOf([from.id, into.id]);
  // An account that has moved on since, or that the person has lost, stays where it is.
  const targets = (moved[accountsMoved] ?? []).filter((target) =>
    there.some((account) => account.identityId === into.id && account.target === target && account.formerIdentities?.includes(from.id) === true),
  );
  await tx.repairs.moveAccounts(into.id, from.id, targets);
  await tx.repairs.setMergedInto(from.id, null);
  for (const before of moved[operatorBefore] ?? []) await resumeEmptied(tx, from.id, before);
  return targets.length === 0 ? back : { ...back, [accountsMoved]: targets };
}

async function recordBack(tx: Transaction, { id, moved }: StoredRepair, from: StoredIdentity, to: StoredIdentity): Promise<RepairWork['moved']> {
  if (from.mergedInto != null)
    throw new InputInvalid(`repairId: the identity ${from.id} was merged into ${from.mergedInto} since: undo that first`, { identityId: from.id });
  const [recordId = ''] = moved['source_record.identity_id'] ?? [];
  const record = await tx.records.get(recordId);
  if (record?.identityId !== to.id) throw new InputInvalid('repairId: the record has been moved since, so it cannot go back', { repairId: id, recordId });
  if (record.status !== 'ended') await mustNotEscape(tx, to);
  if ((await tx.logins.ofRecord(record)) !== null) {
    await tx.repairs.moveLogin(record, from.id);
    await tx.sessions.revokeThrough(to.id, record.source, 'the login was moved back to its identity', tx.context.now);
  }
  await tx.repairs.endConfirmation(recordId);
  await tx.repairs.moveRecord(recordId, to.id, from.id);
  for (const before of moved[operatorBefore] ?? []) await resumeEmptied(tx, from.id, before);
  const left = (await tx.identities.recordsOf(to.id)).filter(({ source }) => source !== 'operator' && source !== 'extension');
  if (left.length === 0) await endEmptied(tx, to);
  return { 'source_record.identity_id': [recordId] };
}

/** Refuses to take records away from an end that an operator has set since. @throws InputInvalid */
async function mustNotEscape(tx: Transaction, to: StoredIdentity): Promise<void> {
  if (await isEndedByHand(tx, to.id))
    throw new InputInvalid('repairId: an operator has ended this person since: use withdrawTermination first', { identityId: to.id });
}
