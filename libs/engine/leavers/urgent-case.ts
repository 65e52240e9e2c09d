import { Forbidden, InputInvalid } from '@tenure/domain';
import type { CaseOf, Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import { commentCase, openCaseFor } from '../cases/answer-case.ts';
import { closeUrgentEnds, mustBeSeen, waitingIn } from './second-person.ts';

/**
 * People who wait in a case of urgent ends, for a second person who approves it.
 * @param digest of the evidence that they have read
 * @throws Forbidden to a service and to the requester; InputInvalid for a case of another kind, or whose people have changed; CaseClosed
 */
export async function approvedEnds(tx: Transaction, caller: Caller, caseId: string, digest: string): Promise<readonly string[]> {
  const open = await openUrgentEnds(tx, caller, caseId);
  if (caller.kind !== 'person' || open.evidence.requestedBy === caller.id)
    throw new Forbidden('A second person has to approve this, with a session, not a token.', { caseId });
  mustBeSeen(open, digest);
  return waitingIn(open);
}

/** Closes a case of urgent ends without ending anybody; the reason becomes a comment of it. @throws Forbidden, InputInvalid, CaseClosed */
export async function discardUrgentEnds(tx: Transaction, caller: Caller, caseId: string, reason: string): Promise<void> {
  const open = await openUrgentEnds(tx, caller, caseId);
  await commentCase(tx, caller, open.id, reason);
  await closeUrgentEnds(tx, open, 'discarded');
}

async function openUrgentEnds(tx: Transaction, caller: Caller, caseId: string): Promise<CaseOf<'urgent-ends'>> {
  const open = await openCaseFor(tx, caller, caseId);
  if (open.kind !== 'urgent-ends') throw new InputInvalid('caseId: the case is not of kind URGENT_ENDS', { kind: open.kind });
  return open;
}
