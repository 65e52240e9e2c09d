import type { Instant } from '@tenure/domain';

/**
 * Instant of an authentication, at the latest now: a provider whose clock is ahead must not make a session look newer than demands that are made
 * later. `null`: not stated.
 */
export function notAfter(authenticatedAt: Instant | null, now: Instant): Instant | null {
  return authenticatedAt !== null && authenticatedAt > now ? now : authenticatedAt;
}
