import { type Instant, toInstant } from '@tenure/domain';

/** Failed attempts in a row after which a receiver gets a pause. */
const most = 3;
/** Milliseconds: the shortest pause, the longest that we make, and the longest that a receiver may ask for. */
const shortest = 15_000;
const longest = 300_000;
const longestAsked = 3_600_000;

/**
 * Pause of a receiver that fails: from the third failure in a row, for as long as it has failed already (so twice as long each time), at least a
 * quarter of a minute and at most five minutes; or as long as the receiver asks, at most an hour.
 * @param failures in a row, and when they began
 * @param asked milliseconds (Retry-After); `null`: it asked for nothing
 * @returns end of the pause; `null`: there is none
 */
export function pauseOfReceiver(
  { failures, since }: { readonly failures: number; readonly since: Instant },
  asked: number | null,
  now: Instant,
): Instant | null {
  const own = failures < most ? 0 : Math.min(Math.max(Date.parse(now) - Date.parse(since), shortest), longest);
  const pause = Math.max(own, Math.min(asked ?? 0, longestAsked));
  return pause === 0 ? null : toInstant(Date.parse(now) + pause);
}
