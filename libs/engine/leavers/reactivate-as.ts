import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import { openCaseFor } from '../cases/answer-case.ts';
import { isOperator } from '../cases/answerer.ts';
import type { Engine } from '../decide/engine.ts';
import { type Reactivation, reactivate } from './reactivate.ts';

/** Brings a person back for this caller: an operator, or whoever the open case asks. @throws Forbidden to others, and to themselves */
export async function reactivateAs(tx: Transaction, engine: Engine, caller: Caller, identityId: string, reason: string): Promise<Reactivation> {
  if (caller.personId === identityId) throw new Forbidden('You cannot reactivate yourself.');
  // Whoever the open case asks, also in a colleague's place; the same words whether or not there is one.
  if (!isOperator(caller)) await openCaseFor(tx, caller, (await tx.cases.openOfKey(`inactive/${identityId}`))?.id ?? identityId);
  return reactivate(tx, engine, identityId, reason);
}
