import { createHash } from 'node:crypto';
import { type CaseContent, InputInvalid } from '@tenure/domain';
import type { Case, CaseOf, NewCase, Transaction } from '@tenure/store';
import { openCase } from '../cases/open-case.ts';
import type { Engine } from '../decide/engine.ts';
import { noTermination, terminate, type Termination } from './terminate.ts';
import { type EndingCaller, whyNotToEnd } from './may-end.ts';

/** Maximum number of people who may wait in one case. */
const mostWaiting = 5_000;

/** Ids of the people who wait in a case of urgent ends. */
export function waitingIn(found: CaseContent): readonly string[] {
  return found.kind === 'urgent-ends' ? (found.evidence.identityIds ?? []) : [];
}

/**
 * Has a second person decide about people whom a caller may not end alone: one urgent case for each caller, to which more are added.
 * @returns the case's id
 */
export async function askSecondPerson(tx: Transaction, by: EndingCaller, identityIds: readonly string[], reason: string): Promise<string> {
  const key = `urgent-ends/${by.key}`;
  const open = await tx.cases.openOfKey(key);
  const held = open === null ? null : await tx.cases.lock(open.id);
  const before = held?.status === 'open' ? waitingIn(held) : [];
  const all = [...new Set([...before, ...identityIds])];
  if (all.length > mostWaiting) throw new InputInvalid(`at most ${mostWaiting} people wait for a second person at a time`, { people: String(all.length) });
  await openCase(tx, caseOf(key, by.personId, all));
  const { id } = (await tx.cases.openOfKey(key)) ?? { id: '' };
  for (const identityId of identityIds)
    tx.audit.record({
      action: 'identity.terminationAsked',
      subjectKind: 'identity',
      subjectId: identityId,
      identityId,
      reason: { caseId: id },
      personal: { reason },
    });
  return id;
}

/** Refuses a case whose people differ from those shown to the second person. @throws InputInvalid */
export function mustBeSeen({ evidence }: CaseOf<'urgent-ends'>, digest: string): void {
  if (evidence.digest !== digest) throw new InputInvalid('digest: the people who wait in this case have changed; read the case again', { argument: 'digest' });
}

/**
 * Ends one of those who wait in a case, by a second person's decision; with the last one it closes. A person whom this second person may not end
 * stays in it for another. @returns `null` where they do not wait in it any more
 */
export async function endWaiting(
  tx: Transaction,
  engine: Engine,
  by: EndingCaller,
  { caseId, identityId, reason }: { readonly caseId: string; readonly identityId: string; readonly reason: string },
): Promise<Termination | null> {
  const open = await tx.cases.lock(caseId);
  if (open?.kind !== 'urgent-ends' || open.status !== 'open' || !waitingIn(open).includes(identityId)) return null;
  const why = await whyNotToEnd(tx, engine, by, identityId);
  if (why !== null) return noTermination(identityId, why);
  const done = await terminate(tx, engine, identityId, reason);
  const left = waitingIn(open).filter((id) => id !== identityId);
  const { requestedBy = null } = open.evidence;
  if (left.length > 0) await tx.cases.open(caseOf(open.key, requestedBy, left), tx.context.now);
  else await closeUrgentEnds(tx, open, 'approved');
  return done;
}

/** Closes a case of urgent ends by a person's decision. */
export async function closeUrgentEnds(tx: Transaction, { id }: Case, resolution: 'approved' | 'discarded'): Promise<void> {
  const { actor, now } = tx.context;
  await tx.cases.close(id, `${actor.kind} ${actor.id}`, resolution, now);
  tx.audit.record({ action: 'case.closed', subjectKind: 'case', subjectId: id, identityId: null, reason: { kind: 'urgent-ends', resolution } });
}

function caseOf(key: string, requestedBy: string | null, identityIds: readonly string[]): NewCase {
  const digest = createHash('sha256')
    .update([...identityIds].sort().join())
    .digest('hex')
    .slice(0, 32);
  return {
    kind: 'urgent-ends',
    key,
    identityId: null,
    target: null,
    operationId: null,
    evidence: { requestedBy, people: identityIds.length, digest, identityIds },
  };
}
