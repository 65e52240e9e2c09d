import type { EndingCaller } from './may-end.ts';
import type { Transaction } from '@tenure/store';
import type { Caller } from '../callers/caller.ts';

/** Caller for the budget of urgent ends. A token that no person made could make others: all of its tree have one budget. */
export async function endingCaller(tx: Transaction, { id, personId, roles }: Caller): Promise<EndingCaller> {
  const key = personId === null ? `service ${await tx.sessions.rootOf(id)}` : `person ${personId}`;
  return { key, personId, isAdmin: roles.has('admin') };
}
