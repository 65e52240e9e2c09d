import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';
import { isOperator } from '../cases/answerer.ts';
import type { Engine } from '../decide/engine.ts';
import { mayDecideRequestedAccess } from './catalogue.ts';
import { decideRequestedAccess } from './end-access.ts';

/** Keeps or drops a grant by request, for its owners and operators. @throws Forbidden to others, also when there is none */
export async function decideRequestedAccessAs(
  tx: Transaction,
  engine: Engine,
  caller: Caller,
  { itemId, decision, reason }: { readonly itemId: string; readonly decision: 'keep' | 'drop'; readonly reason: string },
): ReturnType<typeof decideRequestedAccess> {
  const known = await tx.requests.item(itemId);
  const isOwn = known?.identityId === caller.personId;
  if (known === null || isOwn || !(isOperator(caller) || (await mayDecideRequestedAccess(tx, engine, known, caller.id))))
    throw new Forbidden('Only the owner of the role or entitlement, and operators, can decide about this access.');
  return decideRequestedAccess(tx, engine, known.id, decision, reason);
}
