import { LoginRefused } from '@tenure/domain';
import type { StoredAnswer } from './answer.ts';

/** The request has not run out. */
export function requestIsInTime({ stored, now }: StoredAnswer): LoginRefused | null {
  return stored !== null && stored.expiresAt > now ? null : new LoginRefused('request-unknown', 'the login request has run out');
}
