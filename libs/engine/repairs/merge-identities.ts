import { InputInvalid, NotFound, type RepairInput, type RepairLoss } from '@tenure/domain';
import type { StoredAccount, StoredIdentity, Transaction } from '@tenure/store';
import type { Engine } from '../decide/engine.ts';
import { endBindings } from '../login/end-bindings.ts';
import { exceptionEvent } from '../separation/exception-event.ts';
import { decideBoth } from './decide-both.ts';
import { endEmptied } from './end-emptied.ts';
import { isEndedByHand, isOver, operatorBefore, plainWork, type RepairTerms, type RepairWork } from './repair-work.ts';

type Merge = Extract<RepairInput, { readonly kind: 'merge-identities' }>;

/** Key under which the targets are kept whose accounts have moved. */
export const accountsMoved = 'account.identity_id';

/**
 * Merges one identity into another: records, logins, requests, cases, accounts and all else that is open go to the other one, both are decided about
 * again, and the merged one ends as a leaver does, with its history.
 * @throws NotFound, InputInvalid
 */
export async function mergeIdentities(tx: Transaction, engine: Engine, merge: Merge, terms: RepairTerms): Promise<RepairWork> {
  const [from, into] = await bothLocked(tx, merge);
  const { now } = tx.context;
  const targets = await accountsToMove(tx, from, into, merge.accountsOfFrom);
  await tx.repairs.setMergedInto(from.id, into.id);
  await tx.repairs.moveAccounts(from.id, into.id, targets);
  const loginsEnded = await endLogins(tx, from, into, terms);
  const links = await tx.repairs.endLinks(from.id, now);
  const confirmations = await tx.repairs.endConfirmations(from.id);
  const itemsEnded = await endOwnApprovals(tx, from.id, into.id);
  const sessions = await tx.sessions.revokeAll(from.id, 'the identity was merged into another one', now);
  const moved = await tx.repairs.moveAll(from.id, into.id);
  await tx.repairs.disownCases(moved['case_file.identity_id'] ?? [], now);
  const before = await endEmptied(tx, from);
  for (const identityId of [from.id, into.id])
    tx.audit.record({
      action: 'identity.merged',
      subjectKind: 'identity',
      subjectId: from.id,
      identityId,
      reason: { repairId: terms.repairId, from: from.id, into: into.id },
      personal: { reason: terms.reason },
    });
  await tx.notifications.add({
    kind: 'identity-merged',
    key: terms.repairId,
    recipient: { role: 'operator' },
    about: { identityId: into.id },
    data: { from: from.id },
  });
  await decideBoth(tx, engine, [from.id, into.id]);
  const losses: readonly (readonly [RepairLoss, boolean])[] = [
    ['sessions', sessions > 0],
    ['login-bindings', loginsEnded > 0],
    ['confirmations', confirmations > 0],
    ['links', links > 0],
    ['request-items', itemsEnded.length > 0],
  ];
  return plainWork(
    from.id,
    into.id,
    { ...moved, [operatorBefore]: [before], ...(targets.length === 0 ? {} : { [accountsMoved]: targets }) },
    { loginsEnded, itemsEnded, forGood: losses.flatMap(([loss, isLost]) => (isLost ? [loss] : [])) },
  );
}

async function bothLocked(tx: Transaction, { fromIdentityId, intoIdentityId }: Merge): Promise<readonly [StoredIdentity, StoredIdentity]> {
  if (fromIdentityId === intoIdentityId) throw new InputInvalid('intoIdentityId: an identity is not merged into itself', { identityId: fromIdentityId });
  // In the order of ids, as decisions lock people.
  const locked = new Map<string, StoredIdentity>();
  for (const id of [fromIdentityId, intoIdentityId].sort()) {
    const person = await tx.identities.lock(id);
    if (person === null) throw new NotFound(`there is no identity ${id}`, { identityId: id });
    const { mergedInto = null } = person;
    if (mergedInto !== null) throw new InputInvalid(`the identity ${id} was merged into ${mergedInto} already: use that one`, { identityId: id, mergedInto });
    locked.set(id, person);
  }
  const [from, into] = [locked.get(fromIdentityId), locked.get(intoIdentityId)];
  if (from === undefined || into === undefined) throw new Error('two identities were locked');
  const leased = await tx.repairs.leasedTargets([from.id, into.id]);
  if (leased.length > 0)
    throw new InputInvalid(`a worker is provisioning an account of one of the two in ${leased.join(', ')} at this moment: try again in a minute`, {
      targets: leased.join(' '),
    });
  // Otherwise the records would go on without the end that an operator has set against them.
  if ((await isEndedByHand(tx, from.id)) && !(await isEndedByHand(tx, into.id)))
    throw new InputInvalid(
      'fromIdentityId: an operator has ended this person, or set an end: use withdrawTermination first, or merge the other identity into this one',
      { identityId: from.id },
    );
  return [from, into];
}

/**
 * Targets in which the account of the merged identity goes on: where the other has none, or where it was chosen. Only an account that is known by its
 * id moves, since by its name another one would be looked for; and none of somebody who has left to somebody who has not: its password is known.
 * @throws InputInvalid
 */
async function accountsToMove(tx: Transaction, from: StoredIdentity, into: StoredIdentity, chosen: readonly string[]): Promise<readonly string[]> {
  const all = await tx.access.accountsOf([from.id, into.id]);
  const theirs = new Map(all.filter(({ identityId }) => identityId === into.id).map((account) => [account.target, account]));
  const movable = all.filter(({ identityId, nativeId }) => identityId === from.id && nativeId !== null);
  const mayMove = !isOver(from) || isOver(into);
  const wrong = chosen.find((target) => !mayMove || !movable.some((account) => account.target === target));
  if (wrong !== undefined)
    throw new InputInvalid(
      mayMove
        ? `accountsOfFrom: the merged identity has no account in ${wrong.slice(0, 100)} that is known by its id`
        : 'accountsOfFrom: the accounts of somebody who has left are closed, and do not go to somebody who has not',
      { target: wrong.slice(0, 100) },
    );
  if (!mayMove) return [];
  return movable.filter(({ target }) => chosen.includes(target) || !mayBeThere(theirs.get(target))).map(({ target }) => target);
}

/** True unless it is proven, or was never desired, that there is an account. */
function mayBeThere(account: StoredAccount | undefined): boolean {
  if (account === undefined || !account.existed) return false;
  return account.nativeId !== null || account.observedAt === null || account.confirmedAt === null;
}

/**
 * Ends bindings that must not go on: those of the one who has left, where the other has not, since whoever has left must not log in as somebody who
 * has not; and those of the merged identity at providers through which the other logs in.
 * @returns their number
 */
async function endLogins(tx: Transaction, from: StoredIdentity, into: StoredIdentity, { reason }: RepairTerms): Promise<number> {
  const [ofFrom, ofInto] = [await tx.identities.subjectsOf(from.id), await tx.identities.subjectsOf(into.id)];
  const left = isOver(from) === isOver(into) ? null : isOver(from) ? from : into;
  const ending =
    left === null
      ? ofFrom.filter(({ provider }) => ofInto.some((one) => one.provider === provider)).map(({ provider }) => ({ identityId: from.id, provider }))
      : (left === from ? ofFrom : ofInto).map(({ provider }) => ({ identityId: left.id, provider }));
  const once = new Map(ending.map((one) => [one.provider, one]));
  let ended = 0;
  for (const one of once.values()) ended += (await endBindings(tx, { ...one, keep: null, why: 'merged', reason })).length;
  return ended;
}

/**
 * Ends access and exceptions that one of the two has approved for the other: nobody approves their own access. Answers to open requests of each other
 * no longer count, and of two open requests for the same access one stays.
 * @returns ids of the items that ended
 */
async function endOwnApprovals(tx: Transaction, from: string, into: string): Promise<readonly string[]> {
  const { now } = tx.context;
  await tx.repairs.refuseAnswersForEachOther(from, into);
  await tx.repairs.withdrawDuplicates(from, into, now);
  for (const exception of await tx.repairs.revokeExceptionsForEachOther(from, into, now))
    tx.audit.record(exceptionEvent('separation.exceptionEnded', exception, { why: 'granted by the person themselves' }));
  const ids = await tx.repairs.approvedForEachOther(from, into);
  for (const id of ids) {
    const item = await tx.requests.item(id);
    if (item === null) continue;
    await tx.requests.saveItem({ ...item, status: 'ended', reason: 'own-request', endedAt: now, endedWith: null });
    const { requestId, identityId, kind, name } = item;
    const why = 'approved by the person themselves';
    tx.audit.record({ action: 'request.ended', subjectKind: 'request', subjectId: requestId, identityId, reason: { itemId: id, kind, name, why } });
  }
  return ids;
}
