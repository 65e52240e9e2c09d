import { standsInFor } from '@tenure/activities';
import { grantsAt } from '@tenure/domain';
import type { Answerer, Transaction } from '@tenure/store';
import type { Caller } from '../access/caller.ts';

/** Those who may answer whatever waits for a person, except for what is about themselves or asks others by name. */
export function isOperator({ roles }: Caller): boolean {
  return roles.has('admin') || roles.has('operator');
}

/** What this caller may answer. A service token holds nothing. @param about whom the one case is about that it is asked for */
export async function answererOf(tx: Transaction, caller: Caller, now: string, about: string | null = null): Promise<Answerer> {
  const grants = caller.kind === 'person' ? grantsAt(await tx.access.currentGrants([caller.id]), now) : [];
  const inPlaceOf = caller.kind === 'person' ? await standsInFor(tx, caller.id, now, about) : [];
  return { id: caller.id, inPlaceOf, holds: grants.map(({ name }) => name), isOperator: isOperator(caller) };
}
