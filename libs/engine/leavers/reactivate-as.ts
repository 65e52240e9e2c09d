import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import { openCaseFor } from '../cases/answer-case.ts';
import { isOperator } from '../cases/answerer.ts';
import type { Engine } from '../decide/engine.ts';
import { type Reactivation, reactivate } from './reactivate.ts';

/** Reactivates a person for this caller: an operator, or a person who may answer the open case. @throws Forbidden to others, and to themselves */
export async function reactivateAs(tx: Transaction, engine: Engine, caller: Caller, identityId: string, reason: string): Promise<Reactivation> {
  if (caller.personId === identityId) throw new Forbidden('You cannot reactivate yourself.');
  // Those who may answer the open case, deputies too; the same message whether or not there is one.
  if (!isOperator(caller)) await openCaseFor(tx, caller, (await tx.cases.openOfKey(`inactive/${identityId}`))?.id ?? identityId);
  return reactivate(tx, engine, identityId, reason);
}
