import { randomUUID } from 'node:crypto';
import { answeringOwners, caseResolver } from '../approvers/answering-owners.ts';
import { isThere } from '../approvers/related-person.ts';
import { notifyOwners } from './notify-owners.ts';
import type { Engine } from '../decide/engine.ts';
import { decideRecord, type RecordDecision } from '../intake/decide-record.ts';
import { withinUrgentEnds } from '../leavers/within-urgent-ends.ts';
import { decideLogin } from '../login/decide-login.ts';
import {
  type AuditReasons,
  CaseClaimed,
  CaseClosed,
  CLOSES_BY,
  Forbidden,
  InputInvalid,
  newAuditContent,
  NotFound,
  mustExist,
  checkedReason,
} from '@tenure/domain';
import type { Case, Transaction } from '@tenure/store';
import { actorOf, type Caller } from '../callers/caller.ts';
import { endingCaller } from '../leavers/ending-caller.ts';
import { answererOf, isOperator } from './answerer.ts';
import { currentPolicy } from '../policy/read-policy.ts';

/** Closes a case with its resolution. @throws Forbidden to anybody it does not belong to, also when there is none */
export async function resolveCase(tx: Transaction, caller: Caller, id: string, resolution: string): Promise<void> {
  const open = await openCaseFor(tx, caller, id);
  const text = checkedReason(resolution, 'resolution');
  if (CLOSES_BY[open.kind] !== 'word') throw new InputInvalid('id: a case of this kind closes by itself once its cause is gone', { kind: open.kind });
  const { actor, now } = tx.context;
  await tx.cases.close(id, `${actor.kind} ${actor.id}`, 'answered', now);
  auditAnswer(tx, open, 'case.closed', { resolution: 'answered' }, text);
}

/** Decides to whom a record that matches several people belongs: one of them, or a new person. @throws InputInvalid, Forbidden, CaseClosed */
export async function decideRecordOf(
  tx: Transaction,
  engine: Engine,
  caller: Caller,
  { caseId, ...said }: { readonly caseId: string } & Pick<RecordDecision, 'identityId' | 'version' | 'reason' | 'rebind'>,
): Promise<void> {
  const open = await openCaseFor(tx, caller, caseId);
  const { recordId } = open.kind === 'ambiguous-record' ? open.evidence : {};
  if (recordId === undefined) throw new InputInvalid('caseId: the case is not of kind AMBIGUOUS_RECORD', { kind: open.kind });
  const reason = checkedReason(said.reason);
  const by = { id: caller.personId ?? caller.id, isAdmin: caller.roles.has('admin') };
  const identityId = await withinUrgentEnds(tx, engine, await endingCaller(tx, caller), said.identityId, () =>
    decideRecord(tx, engine, { ...said, reason, recordId, by }),
  );
  const { actor, now } = tx.context;
  const resolution = said.identityId === null ? 'somebody new' : said.rebind === true ? 'rebound' : 'linked';
  await tx.cases.close(caseId, `${actor.kind} ${actor.id}`, resolution, now);
  auditAnswer(tx, { ...open, identityId }, 'case.closed', { resolution, recordId }, reason);
}

/** Decides whether a login still belongs, or really belongs, to the person to whom it is bound. @throws InputInvalid, Forbidden, CaseClosed */
export async function decideLoginOf(
  tx: Transaction,
  engine: Engine,
  caller: Caller,
  { caseId, samePerson, reason: said }: { readonly caseId: string; readonly samePerson: boolean; readonly reason: string },
): Promise<void> {
  const open = await openCaseFor(tx, caller, caseId);
  const { recordId, why } = open.kind === 'ambiguous-login' ? open.evidence : {};
  if (recordId === undefined || why === undefined) throw new InputInvalid('caseId: the case is not of kind AMBIGUOUS_LOGIN', { kind: open.kind });
  const reason = checkedReason(said);
  const by = { id: caller.personId ?? caller.id, isAdmin: caller.roles.has('admin') };
  await decideLogin(tx, engine, { recordId, why, samePerson, reason, by });
  const { actor, now } = tx.context;
  const resolution = samePerson ? 'same person' : 'somebody else';
  await tx.cases.close(caseId, `${actor.kind} ${actor.id}`, resolution, now);
  auditAnswer(tx, open, 'case.closed', { resolution, recordId }, reason);
}

/** Decides whether an application may receive an address for the person of the case that it received for somebody else. @throws InputInvalid, Forbidden, CaseClosed */
export async function decideApplicationAddressOf(
  tx: Transaction,
  caller: Caller,
  { caseId, mayBeSent, reason: said }: { readonly caseId: string; readonly mayBeSent: boolean; readonly reason: string },
): Promise<void> {
  const open = await openCaseFor(tx, caller, caseId);
  const { identityId } = open;
  const { application, addressHash } = open.kind === 'application-address' ? open.evidence : {};
  if (application === undefined || addressHash === undefined || identityId === null)
    throw new InputInvalid('caseId: the case is not of kind APPLICATION_ADDRESS', { kind: open.kind });
  const reason = checkedReason(said);
  const { actor, now } = tx.context;
  await tx.applicationPeople.decideAddress(application, addressHash, identityId, mayBeSent, now);
  const resolution = mayBeSent ? 'approved' : 'denied';
  await tx.cases.close(caseId, `${actor.kind} ${actor.id}`, resolution, now);
  auditAnswer(tx, open, 'case.closed', { resolution }, reason);
}

/** New owner of a case: a person, the holders of a role or entitlement, or with neither any operator. */
export type NewOwner = Pick<Case, 'ownerId' | 'ownerGroup'>;

/** Reassigns a case. @throws Forbidden to anybody it does not belong to, also when there is none; InputInvalid where nobody could answer it */
export async function reassignCase(tx: Transaction, engine: Engine, caller: Caller, id: string, owner: NewOwner, reason: string): Promise<void> {
  const open = await openCaseFor(tx, caller, id);
  const text = checkedReason(reason);
  if (owner.ownerId !== null) await mustBeThere(tx, open, owner.ownerId);
  if (owner.ownerGroup !== null) await mustHoldGrant(tx, engine, open, owner.ownerGroup);
  await tx.cases.giveTo(id, owner, tx.context.now);
  // A case without an owner is in the inbox of all operators.
  await notifyOwners(tx, await caseResolver(tx, engine), { ...open, ...owner }, null);
  auditAnswer(tx, open, 'case.reassigned', { from: open.ownerId ?? open.ownerGroup, to: owner.ownerId, group: owner.ownerGroup }, text);
}

async function mustBeThere(tx: Transaction, { identityId }: Case, ownerId: string): Promise<void> {
  const owner = await tx.identities.get(ownerId);
  if (owner === null || !isThere(owner, tx.context.now)) throw new InputInvalid('ownerId: the owner of a case must be an active person', { ownerId });
  if (ownerId === identityId) throw new InputInvalid('ownerId: a case cannot be assigned to the person whom it is about', { ownerId });
}

async function mustHoldGrant(tx: Transaction, engine: Engine, { identityId }: Case, ownerGroup: string): Promise<void> {
  const { document } = await currentPolicy(tx, engine);
  mustExist('ownerGroup', 'role or entitlement', ownerGroup, [...Object.keys(document.roles), ...Object.keys(document.entitlements)]);
  const answering = await answeringOwners(tx, await caseResolver(tx, engine), { ownerId: null, ownerGroup, identityId });
  if (answering.length === 0) throw new InputInvalid(`ownerGroup: nobody who could answer the case has ${ownerGroup}`, { ownerGroup });
}

/** Assigns the case to the caller, so that nobody else works on it too. @throws CaseClaimed when it is assigned to somebody else */
export async function claimCase(tx: Transaction, caller: Caller, id: string): Promise<void> {
  if (caller.kind !== 'person') throw new Forbidden('A service token cannot claim a case: use a session.');
  const open = await openCaseFor(tx, caller, id);
  if (open.claimedBy === caller.id) return;
  if (open.claimedBy !== null) throw new CaseClaimed('Another person has claimed the case.', { caseId: id, claimedBy: open.claimedBy });
  await tx.cases.claim(id, caller.id, tx.context.now);
  auditAnswer(tx, open, 'case.claimed', { by: caller.id });
}

/** Releases a case: by the person to whom it is assigned, or by an operator. */
export async function releaseCase(tx: Transaction, caller: Caller, id: string): Promise<void> {
  const open = await openCaseFor(tx, caller, id);
  if (open.claimedBy === null) return;
  if (open.claimedBy !== caller.id && !isOperator(caller))
    throw new CaseClaimed('Another person has claimed the case: only they and operators can release it.', { caseId: id, claimedBy: open.claimedBy });
  await tx.cases.claim(id, null, tx.context.now);
  auditAnswer(tx, open, 'case.released', { by: open.claimedBy });
}

/** Adds a comment to a case. */
export async function commentCase(tx: Transaction, caller: Caller, id: string, text: string): Promise<void> {
  const open = await openCaseFor(tx, caller, id);
  const comment = { id: randomUUID(), caseId: id, by: actorOf(caller), text: checkedReason(text, 'text'), at: tx.context.now };
  await tx.cases.comment(comment);
  auditAnswer(tx, open, 'case.commented', { commentId: comment.id });
}

/**
 * Reads an open case that the caller may answer, and locks it. Nobody answers a case about themselves.
 * @throws Forbidden where they may not, also when there is none: its existence is not disclosed
 */
export async function openCaseFor(tx: Transaction, caller: Caller, id: string): Promise<Case> {
  const found = await tx.cases.lock(id);
  const answerer = await answererOf(tx, caller, tx.context.now, found?.identityId ?? null);
  const isTheirs = answerer.isOperator || (await tx.inbox.areFor([id], answerer)).has(id);
  const isAbout = caller.personId !== null && found?.identityId === caller.personId;
  if (!isTheirs || isAbout) throw new Forbidden('You may not answer this case: it is assigned to others, or it is about you.', { caseId: id });
  if (found === null) throw new NotFound(`there is no case ${id}`, { caseId: id });
  if (found.status !== 'open') throw new CaseClosed('The case is closed.', { caseId: id });
  return found;
}

/** Comments may name others: they are encrypted with the key of the person whom the case is about, where it is about somebody. */
function auditAnswer<A extends 'case.claimed' | 'case.closed' | 'case.commented' | 'case.reassigned' | 'case.released'>(
  tx: Transaction,
  { id, kind, identityId, ownerId }: Case,
  action: A,
  more: Omit<AuditReasons[A], 'kind' | 'inPlaceOf'>,
  text?: string,
): void {
  const inPlaceOf = ownerId === null || ownerId === tx.context.actor.id ? {} : { inPlaceOf: ownerId };
  const personal = identityId === null || text === undefined ? {} : { personal: { reason: text } };
  const content = newAuditContent(action, { kind, ...inPlaceOf }, more);
  tx.audit.record({ ...content, subjectKind: 'case', subjectId: id, identityId, ...personal });
}
