import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { isEnding } from '../decide/end-confirmed.ts';
import type { Engine } from '../decide/engine.ts';
import { mustBeLeft } from './end-urgently.ts';
import { type EndingCaller, whyNotToEnd } from './may-end.ts';
import { urgentEndsLeft } from './urgent-budget.ts';

/**
 * Does something that a person says about a record. Where somebody's time has ended by it, that counts as an urgent end of the caller's.
 * @param identityId whom it is about; `null`: nobody who is known
 * @throws InputInvalid beyond the budget, Forbidden for whom they may not end; nothing has happened then
 */
export async function withinUrgentEnds<T>(tx: Transaction, engine: Engine, by: EndingCaller, identityId: string | null, work: () => Promise<T>): Promise<T> {
  const before = identityId === null ? null : await tx.identities.get(identityId);
  if (before === null || isEnding(before.state)) return work();
  const [why, left] = [await whyNotToEnd(tx, engine, by, before.id), await urgentEndsLeft(tx, engine, by)];
  const done = await work();
  const after = await tx.identities.get(before.id);
  if (after === null || !isEnding(after.state)) return done;
  if (why !== null) throw new Forbidden(`this would terminate a person whom you may not terminate (${why})`, { identityId: before.id });
  mustBeLeft(left, 1);
  await tx.urgentEnds.add(by.key, before.id, tx.context.now);
  return done;
}
