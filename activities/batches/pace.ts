import { ConnectorUnavailable, type DomainError } from '@tenure/domain';

/** When the next call to a target may begin. */
export interface Pace {
  /** Resolves when the next one may begin: no more than so many in a second, and none while the target has asked us to wait. */
  next(): Promise<void>;
  /** Takes note of how long a target that has failed asks us to wait (Retry-After, RFC 9110 section 10.2.3). */
  heed(error: DomainError | undefined): void;
}

/** Milliseconds. A target that asks for more is asked again by the next attempt of the activity, and not waited for in this one. */
export const longestPause = 30_000;

/** Milliseconds on a clock that never runs backwards, and waiting by it. */
interface Clock {
  now(): number;
  wait(milliseconds: number): Promise<void>;
}

const real: Clock = { now: () => performance.now(), wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) };

/** Spreads calls to a target over time. */
export function pace(perSecond: number, { now, wait }: Clock = real): Pace {
  const gap = 1000 / perSecond;
  let free = now();
  let pausedUntil = free;
  return {
    async next() {
      const at = Math.max(free, now() - 1000); // what was not used in the last second may be made up for
      free = at + gap;
      // Whoever waits already is held back too when the target asks for more.
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
