import { type BoundLoginNow, mayBeAnother } from './bound-login.ts';
import type { Refusal } from './refusal.ts';

/** A bound subject that says another key than before may have been given to somebody else. */
export function keysAreTheSame(login: BoundLoginNow): Refusal | null {
  return login.link !== null || login.said.changed.length === 0 ? null : mayBeAnother(login, 'keys-changed');
}
