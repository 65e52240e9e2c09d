import { LoginRefused } from '@tenure/domain';
import type { LoginLink } from '@tenure/store';
import { type Refusal, refuse } from './refusal.ts';

/** Refuses a one-time link for a login that belongs to another person. */
export function linkIsOfPerson({ link, identityId }: { readonly link: Pick<LoginLink, 'identityId'> | null; readonly identityId: string }): Refusal | null {
  if (link === null || link.identityId === identityId) return null;
  return refuse(new LoginRefused('already-bound', 'this login is bound to another person than the one-time link', { identityId }));
}
