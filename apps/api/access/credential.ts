import '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

/** Credential of a request. A browser adds a cookie by itself, also to requests that another site caused. */
export interface Credential {
  readonly token: string;
  readonly from: 'header' | 'cookie';
}

/** A cookie with the prefix is only taken over https, from this very host (RFC 6265bis section 4.1.3.2). */
export function sessionCookieName(url: string): string {
  return url.startsWith('https:') ? '__Host-tenure_session' : 'tenure_session';
}

/** Credential of a request. The header counts before the cookie, even where it is invalid: a client that sends one means it. */
export function credentialOf(request: Pick<FastifyRequest, 'headers' | 'cookies'>, cookieName: string): Credential | null {
  const { authorization } = request.headers;
  if (authorization !== undefined) return { token: bearerToken(authorization) ?? '', from: 'header' };
  const token = request.cookies[cookieName];
  return token ? { token, from: 'cookie' } : null;
}

/** RFC 6750 section 2.1. @returns `null` when it is something else */
export function bearerToken(authorization: unknown): string | null {
  return typeof authorization === 'string' ? (/^Bearer ([\w.~+/-]{1,200}=*)$/i.exec(authorization.trim())?.[1] ?? null) : null;
}
