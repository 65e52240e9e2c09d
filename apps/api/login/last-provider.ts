import '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Seconds for which a browser remembers the provider of its last login: half a year. */
const remembered = 15_552_000;

function cookieName(url: string): string {
  return url.startsWith('https:') ? '__Host-tenure_provider' : 'tenure_provider';
}

/** Name of the provider of the last login in this browser, as the browser says; `null`: none. */
export function lastProvider(request: Pick<FastifyRequest, 'cookies'>, url: string): string | null {
  return request.cookies[cookieName(url)] ?? null;
}

/** Has the browser remember the provider of its login. The cookie says nothing of the person. */
export function rememberProvider(reply: FastifyReply, url: string, provider: string, isSecure: boolean): void {
  void reply.setCookie(cookieName(url), provider, { path: '/', httpOnly: true, secure: isSecure, sameSite: 'lax', maxAge: remembered });
}
