import { LoginRefused } from '@tenure/domain';
import { hashToken } from '@tenure/store';
import type { StoredAnswer } from './answer.ts';

/** The browser shows the secret that it got when it began: a cookie that merely names the request is not enough. */
export function secretIsTheBrowsers({ begun, stored }: StoredAnswer): LoginRefused | null {
  return stored?.browserHash === hashToken(begun.secret) ? null : new LoginRefused('request-of-another-browser', 'the login was begun in another browser');
}
