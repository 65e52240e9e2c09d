import { readers } from './allow.ts';
import type { Caller } from '@tenure/engine/callers';

/**
 * True: the caller may read a text that was written about a person. Administrators, operators, auditors and its author may, the person may
 * not. An answer that is addressed to a person is theirs to read, and not subject to this.
 * @param author id of who wrote it; `null`: nobody in particular
 */
export function mayReadWordsAbout(caller: Pick<Caller, 'id' | 'roles'>, identityId: string | null, author: string | null): boolean {
  return caller.id !== identityId || author === caller.id || readers.some((role) => caller.roles.has(role));
}
