import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type BegunLogin, readBegunLogins, writeBegunLogins } from '../../login/login-cookie.ts';
import { isTrustworthy } from '../../login/routes.ts';

/** Milliseconds that a request of an application waits for its person. */
export const REQUEST_LIFETIME = 10 * 60_000;

/** Name of the cookie with the requests that a browser has begun: several, since people open several tabs. */
function cookieName(url: string): string {
  return url.startsWith('https:') ? '__Host-tenure_entry' : 'tenure_entry';
}

export function begunEntries(request: Pick<FastifyRequest, 'cookies'>, url: string): readonly BegunLogin[] {
  return readBegunLogins(request.cookies[cookieName(url)]);
}

/** Sets the cookie. The browser comes back to it by following redirects, so it need not travel with forms of other sites. */
export function setBegunEntries(reply: FastifyReply, url: string, entries: readonly BegunLogin[]): void {
  const options = { path: '/', httpOnly: true, secure: isTrustworthy(url), sameSite: 'lax' as const, maxAge: REQUEST_LIFETIME / 1000 };
  if (entries.length === 0) void reply.clearCookie(cookieName(url), options);
  else void reply.setCookie(cookieName(url), writeBegunLogins(entries), options);
}
