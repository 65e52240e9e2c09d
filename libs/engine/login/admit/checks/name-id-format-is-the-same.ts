import { type BoundLoginNow, mayBeAnother } from './bound-login.ts';
import type { Refusal } from './refusal.ts';

/** Refuses another format of a SAML name identifier, which counts like a key, unless a key shows that it is the same person. */
export function nameIdFormatIsTheSame(login: BoundLoginNow): Refusal | null {
  const { nameIdFormat: now, bound, said, link } = login;
  const isOther = bound.nameIdFormat !== null && now !== null && bound.nameIdFormat !== now && !said.isSame;
  return link !== null || !isOther ? null : mayBeAnother(login, 'name-id-format-changed');
}
