import { LoginRefused } from '@tenure/domain';
import type { StoredAnswer } from './answer.ts';

/** The request was made to this provider by OpenID Connect, and was not answered yet. */
export function requestIsStored({ provider, stored }: StoredAnswer): LoginRefused | null {
  if (stored !== null && stored.nonce !== null && stored.verifier !== null && stored.provider === provider) return null;
  return new LoginRefused('request-unknown', 'the login request is unknown or was answered before');
}
