import { ConnectorUnavailable, type DomainError } from '@tenure/domain';

/** Rate limit for calls to a target. */
export interface Pace {
  /** Resolves when the next call may begin: no more than so many in a second, and none while the target has asked for a pause. */
  next(): Promise<void>;
  /** Takes note of the pause for which a target that has failed asks (Retry-After, RFC 9110 section 10.2.3). */
  heed(error: DomainError | undefined): void;
}

/** Milliseconds. A longer pause is not waited for here: the next attempt of the activity comes after it. */
export const longestPause = 30_000;

/** Milliseconds on a clock that never runs backwards, and waiting by it. */
export interface Clock {
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

export const realClock: Clock = { now: () => performance.now(), wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) };

/** Spreads calls to a target over time. */
export function pace(perSecond: number, { now, wait }: Clock = realClock): Pace {
  const gap = 1000 / perSecond;
  let free = now();
  let pausedUntil = free;
  return {
    async next() {
      const at = Math.max(free, now() - 1000); // capacity that was not used in the last second may be made up for
      free = at + gap;
      // Calls that wait already are delayed too when the target asks for more.
      for (let left = at - now(); left > 0; left = Math.max(at, pausedUntil) - now()) await wait(left);
    },
    heed(error) {
      const asked = error instanceof ConnectorUnavailable ? error.retryAfter : null;
      if (asked === null) return;
      pausedUntil = Math.max(pausedUntil, now() + Math.min(asked, longestPause));
      free = Math.max(free, pausedUntil);
    },
  };
}
