import type { Instant } from '@tenure/domain';

/**
 * Later one of two instants, since time never runs backwards for a person: an earlier question that arrives later (from a slow worker, or by another
 * machine's clock) must not undo an end that has been decided meanwhile.
 */
export function notBefore(now: Instant, decidedAt: Instant | null): Instant {
  return decidedAt === null || decidedAt <= now ? now : decidedAt;
}
