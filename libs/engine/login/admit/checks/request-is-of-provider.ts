import { LoginRefused } from '@tenure/domain';
import type { Answered } from './answered.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Refuses an answer of another provider than the one that the login was begun with. */
export function requestIsOfProvider({ login, answered }: Answered): Refusal | null {
  if (login.request === null || answered.request?.provider === login.provider.name) return null;
  return refuse(new LoginRefused('request-of-another-provider', 'the login was begun with another provider'));
}
