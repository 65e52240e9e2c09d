import { answererOf as personOf } from '../approvers/answerer-of.ts';
import type { Answerer, Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';

/** Those who may answer whatever waits for a person, except for what is about themselves or asks others by name. */
export function isOperator({ roles }: Caller): boolean {
  return roles.has('admin') || roles.has('operator');
}

/** Cases that this caller may answer. A service token has no grants. @param about the person of the one case that it is asked for */
export async function answererOf(tx: Transaction, caller: Caller, now: string, about: string | null = null): Promise<Answerer> {
  const person = caller.kind === 'person' ? await personOf(tx, caller.id, now, about) : { id: caller.id, holds: [], inPlaceOf: [] };
  return { ...person, isOperator: isOperator(caller) };
}
