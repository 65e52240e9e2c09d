import { readers } from './allow.ts';
import type { Caller } from './caller.ts';

/**
 * Whether what somebody has written about a person may be shown to a caller: to those who may read everything, and to whoever wrote it,
 * but not to that person. What is said to somebody as an answer is theirs to read, and is none of this.
 * @param author id of who wrote it; `null`: nobody in particular
 */
export function mayReadWordsAbout(caller: Pick<Caller, 'id' | 'roles'>, identityId: string | null, author: string | null): boolean {
  return caller.id !== identityId || author === caller.id || readers.some((role) => caller.roles.has(role));
}
