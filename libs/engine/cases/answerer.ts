import { answererOf as personOf } from '../approvers/answerer-of.ts';
import type { Answerer, Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';

/** True for a caller who may answer all cases, except those about themselves and those with approvers by name. */
export function isOperator({ roles }: Caller): boolean {
  return roles.has('admin') || roles.has('operator');
}

/** Answerer for this caller. A service token has no grants. @param about the person of the one case that is checked */
export async function answererOf(tx: Transaction, caller: Caller, now: string, about: string | null = null): Promise<Answerer> {
  const person = caller.kind === 'person' ? await personOf(tx, caller.id, now, about) : { id: caller.id, holds: [], inPlaceOf: [] };
  return { ...person, isOperator: isOperator(caller) };
}
