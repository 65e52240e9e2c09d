import { Forbidden } from '@tenure/domain';
import type { Transaction } from '@tenure/store';
import { isEnding } from '../decide/end-confirmed.ts';
import type { Engine } from '../decide/engine.ts';
import { mustBeLeft } from './end-urgently.ts';
import { type EndingCaller, whyNotToEnd } from './may-end.ts';
import { urgentEndsLeft } from './urgent-budget.ts';

/**
 * Carries out a person's decision about a record. Where it terminates a person, that counts as an urgent end of the caller's.
 * @param identityId the person it is about; `null`: no known person
 * @throws InputInvalid beyond the budget, Forbidden for people whom they may not terminate; nothing has happened then
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
