import { CaseClosed, Forbidden, InputInvalid, NotFound } from '@tenure/domain';
import type { Case, CaseKind, Transaction } from '@tenure/store';
import type { Caller } from '../access/caller.ts';
import { checkedReason } from '../operations/judge-operation.ts';

/** Questions that a person's word answers. The others answer themselves when what they are about is no longer so. */
const answered: readonly CaseKind[] = ['transfer', 'vanished-from-feed'];

/** Closes a case with what was done about it. @throws Forbidden to whom it does not belong, also when there is none */
export async function resolveCase(tx: Transaction, caller: Caller, id: string, resolution: string): Promise<Case> {
  const open = await openCaseOf(tx, caller, id);
  const text = checkedReason(resolution);
  if (!answered.includes(open.kind)) throw new InputInvalid(`a case of this kind closes by itself, when what it is about is no longer so`, { kind: open.kind });
  const { actor, now } = tx.context;
  await tx.cases.close(id, `${actor.kind} ${actor.id}`, 'answered', now);
  tell(tx, open, 'case.closed', { resolution: 'answered' }, text);
  return (await tx.cases.get(id)) ?? open;
}

/** Makes a case another person's to answer, or with `null` any operator's. @throws Forbidden to whom it does not belong, also when there is none */
export async function reassignCase(tx: Transaction, caller: Caller, id: string, ownerId: string | null, reason: string): Promise<Case> {
  const open = await openCaseOf(tx, caller, id);
  const text = checkedReason(reason);
  const owner = ownerId === null ? null : await tx.identities.get(ownerId);
  if (ownerId !== null && owner?.state !== 'active') throw new InputInvalid('a case can only be given to somebody who is there', { ownerId });
  if (ownerId !== null && ownerId === open.identityId) throw new InputInvalid('a case can not be given to whom it is about', { ownerId });
  await tx.cases.giveTo(id, ownerId);
  tell(tx, open, 'case.reassigned', { from: open.ownerId, to: ownerId }, text);
  return { ...open, ownerId };
}

async function openCaseOf(tx: Transaction, caller: Caller, id: string): Promise<Case> {
  const found = await tx.cases.lock(id);
  const isOperator = caller.roles.has('admin') || caller.roles.has('operator');
  // Whether it exists is no stranger's business.
  if (!isOperator && (found === null || caller.kind !== 'person' || found.ownerId !== caller.id))
    throw new Forbidden('this case is not yours to answer', { caseId: id });
  if (found === null) throw new NotFound(`there is no case ${id}`, { caseId: id });
  if (found.status !== 'open') throw new CaseClosed('the case is closed: there is nothing to decide', { caseId: id });
  return found;
}

/** What people write may name others: it is kept with the key of whom the case is about, where it is about somebody. */
function tell(tx: Transaction, { id, kind, identityId }: Case, action: string, reason: Readonly<Record<string, unknown>>, text: string): void {
  const personal = identityId === null ? {} : { personal: { reason: text } };
  tx.audit.record({ action, subjectKind: 'case', subjectId: id, identityId, reason: { kind, ...reason }, ...personal });
}
