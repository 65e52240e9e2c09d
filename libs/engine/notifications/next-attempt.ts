import { type Instant, toInstant } from '@tenure/domain';

/** Milliseconds: the first wait after a failed attempt, and the longest. */
const first = 30_000;
const longest = 3_600_000;
/** About a day of attempts. */
const most = 30;

/**
 * Instant of the next attempt after a failure: after half a minute, then twice as long each time, at most an hour.
 * @param attempts made so far
 * @returns `null` when it has been tried for a day
 */
export function nextAttempt(attempts: number, now: Instant): Instant | null {
  if (attempts >= most) return null;
  return toInstant(Date.parse(now) + Math.min(first * 2 ** Math.max(attempts - 1, 0), longest));
}
