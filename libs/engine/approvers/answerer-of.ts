import { grantsAt, type Instant } from '@tenure/domain';
import type { Answerer, Case, Transaction } from '@tenure/store';
import { standsInFor } from './stands-in-for.ts';

/**
 * Answerer for a person, who may answer their own cases, those of their groups, and those of people whose deputy they are.
 * @param about the person of the one case that is checked
 */
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

/** True if a person may answer the open case with a key. Never about themselves. */
export async function mayAnswer(tx: Transaction, key: string, person: string): Promise<boolean> {
  const open = await tx.cases.openOfKey(key);
  return open !== null && open.identityId !== person && (await isForThem(tx, open, person));
}
