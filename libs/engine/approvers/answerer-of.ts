import { grantsAt, type Instant } from '@tenure/domain';
import type { Answerer, Case, Transaction } from '@tenure/store';
import { standsInFor } from './stands-in-for.ts';

/** Cases that a person may answer: their own, those of groups in which they are, and those of whom they are deputies. @param about the person of the one case that it is asked for */
export async function answererOf(tx: Transaction, id: string, now: Instant, about: string | null = null): Promise<Omit<Answerer, 'isOperator'>> {
  const others = await standsInFor(tx, id, now, about);
  const grants = Map.groupBy(await tx.access.currentGrants([id, ...others.map((one) => one.id)]), ({ identityId }) => identityId);
  const heldBy = (of: string): readonly string[] => grantsAt(grants.get(of) ?? [], now).map(({ name }) => name);
  return { id, holds: heldBy(id), inPlaceOf: others.map((one) => ({ ...one, holds: heldBy(one.id) })) };
}

/** True if this person may answer an open case: as its owner, one of its group, or a deputy of one. */
export async function isForThem(tx: Transaction, { id, identityId }: Pick<Case, 'id' | 'identityId'>, person: string): Promise<boolean> {
  const answerer = { ...(await answererOf(tx, person, tx.context.now, identityId)), isOperator: false };
  return (await tx.inbox.areFor([id], answerer)).has(id);
}

/** The same of the case of a key, where one is open. Never about themselves. */
export async function mayAnswer(tx: Transaction, key: string, person: string): Promise<boolean> {
  const open = await tx.cases.openOfKey(key);
  return open !== null && open.identityId !== person && (await isForThem(tx, open, person));
}
