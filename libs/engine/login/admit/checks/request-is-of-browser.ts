import { LoginRefused } from '@tenure/domain';
import { hashToken } from '@tenure/store';
import type { Answered } from './answered.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Refuses an answer unless the browser that began the login ends it. */
export function requestIsOfBrowser({ login: { request }, answered }: Answered): Refusal | null {
  if (request === null || answered.request?.browserHash === hashToken(request.browserSecret)) return null;
  return refuse(new LoginRefused('request-of-another-browser', 'the login was begun in another browser'));
}
