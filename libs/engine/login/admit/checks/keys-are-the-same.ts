import { type BoundLoginNow, mayBeAnother } from './bound-login.ts';
import type { Refusal } from './refusal.ts';

/** Refuses a bound subject with another key than before, which may have been given to another person. */
export function keysAreTheSame(login: BoundLoginNow): Refusal | null {
  return login.link !== null || login.said.changed.length === 0 ? null : mayBeAnother(login, 'keys-changed');
}
