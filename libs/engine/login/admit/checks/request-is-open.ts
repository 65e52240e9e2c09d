import { LoginRefused } from '@tenure/domain';
import type { Answered } from './answered.ts';
import { type Refusal, refuse } from './refusal.ts';

/** A begun login is answered once, within its time. */
export function requestIsOpen({ login, answered }: Answered): Refusal | null {
  if (login.request === null || answered.request !== null) return null;
  return refuse(new LoginRefused('request-unknown', 'the login request is unknown, was answered before, or has run out'));
}
