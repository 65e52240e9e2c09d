import type { Instant } from '@tenure/domain';

/**
 * Time never runs backwards for a person: what was asked or seen earlier but comes later (a slow worker, another machine's clock)
 * must not undo an end that has been decided meanwhile.
 */
export function notBefore(now: Instant, decidedAt: Instant | null): Instant {
  return decidedAt === null || decidedAt <= now ? now : decidedAt;
}
