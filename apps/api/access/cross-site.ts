import { Forbidden } from '@tenure/domain';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses a request with side effects that another site may have made the browser send. A cookie counts only with JSON from our
 * own pages, or with the header `x-tenure-csrf`, which no site can set without being allowed to (a CORS preflight that Tenure never answers).
 * @param url public address of Tenure
 */
export function refuseCrossSite(request: Pick<FastifyRequest, 'headers'>, url: string): void {
  const { headers } = request;
  if (headers['x-tenure-csrf'] !== undefined) return;
  const isJson = /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
  if (!isJson || !isOwnOrigin(headers.origin, url)) {
    throw new Forbidden('a request with the session cookie needs content-type application/json and the origin of Tenure, or the header x-tenure-csrf');
  }
}

/** True if a browser says that the request comes from our own pages. */
export function isOwnOrigin(origin: string | undefined, url: string): boolean {
  return origin !== undefined && origin === new URL(url).origin;
}

/** Token of our forms: only who knows the session's token can make it, and it does not give the token away. */
export function formToken(sessionToken: string): string {
  return createHmac('sha256', sessionToken).update('tenure form').digest('base64url');
}

export function isFormToken(sessionToken: string, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  const [expected, actual] = [Buffer.from(formToken(sessionToken)), Buffer.from(given)];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
