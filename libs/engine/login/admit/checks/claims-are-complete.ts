import { LoginRefused } from '@tenure/domain';
import { type Refusal, refuse } from './refusal.ts';

/**
 * Refuses an unbound login with incomplete claims: a new person is identified by their first claims, and by fewer of them they might become somebody
 * else.
 */
export function claimsAreComplete({ isPartial, isBound }: { readonly isPartial: boolean; readonly isBound: boolean }): Refusal | null {
  if (isBound || !isPartial) return null;
  return refuse(new LoginRefused('user-info-refused', 'the ID token lacks claims, and the userinfo endpoint refused the request'));
}
