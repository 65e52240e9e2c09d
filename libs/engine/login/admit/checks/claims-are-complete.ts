import { LoginRefused } from '@tenure/domain';
import { type Refusal, refuse } from './refusal.ts';

/** Somebody new is known by what is said of them first: by less than all of it they might become somebody else. */
export function claimsAreComplete({ isPartial, isBound }: { readonly isPartial: boolean; readonly isBound: boolean }): Refusal | null {
  if (isBound || !isPartial) return null;
  return refuse(new LoginRefused('user-info-refused', 'the ID token lacks claims, and the userinfo endpoint refused the request'));
}
