import { type Instant, toInstant } from '@tenure/domain';

/** Failed attempts in a row after which a receiver gets a pause. */
const most = 3;
/** Milliseconds: the first pause, and the longest that we make and that a receiver may ask for. */
const first = 15_000;
const longest = 300_000;
const longestAsked = 3_600_000;

/**
 * How long a receiver that fails is left alone: from the third failure in a row for a quarter of a minute, then twice as long each time, at most five
 * minutes; or as long as it asks, at most an hour.
 * @param failures in a row
 * @param asked milliseconds (Retry-After); `null`: it asked for nothing
 * @returns until when; `null`: it is tried on
 */
export function pauseOfReceiver(failures: number, asked: number | null, now: Instant): Instant | null {
  const own = failures < most ? 0 : Math.min(first * 2 ** Math.min(failures - most, 10), longest);
  const pause = Math.max(own, Math.min(asked ?? 0, longestAsked));
  return pause === 0 ? null : toInstant(Date.parse(now) + pause);
}
