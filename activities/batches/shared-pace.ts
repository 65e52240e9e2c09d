import { ConnectorUnavailable, type DomainError } from '@tenure/domain';
import { type Clock, longestPause, type Pace, realClock } from './pace.ts';

/**
 * Reserves time at a target that all workers share. @param milliseconds time that the calls take at the target's rate
 * @returns milliseconds until the reserved time begins
 */
export type Reserve = (milliseconds: number) => Promise<number>;

/** Pace of calls to one target, for all work of all workers. */
export interface SharedPace extends Pace {
  /** Takes note of a call that does not wait: identity lifecycles have precedence, and Temporal limits their rate. Other work waits for it. */
  note(): void;
}

/** Milliseconds of work that are reserved at once, and of calls that are noted together. */
const block = 250;

/**
 * Paces calls by reservations.
 * @param atOnce number of calls that are reserved together: many calls at a time, such as those of a batch change, need few reservations. Reading takes
 * one at a time, so that it gets the smaller share beside a batch change
 */
export function sharedPace(perSecond: number, reserve: Reserve, atOnce: 'block' | 'single', clock: Clock = realClock): SharedPace {
  const gap = 1000 / perSecond;
  const size = atOnce === 'single' ? 1 : Math.max(1, Math.floor(block / gap));
  let left = 0;
  let free = 0;
  let pausedUntil = clock.now();
  let noted = 0;
  let notedAt = clock.now();
  let turn: Promise<unknown> = Promise.resolve();

  /** Time of the next call: of the block that is reserved, or of a new one. A block that was not used in its time is worth nothing. */
  async function place(): Promise<number> {
    if (left === 0 || free + left * gap < clock.now()) {
      free = clock.now() + (await reserve(size * gap));
      left = size;
    }
    left -= 1;
    const at = free;
    free += gap;
    return at;
  }

  return {
    async next() {
      const mine = turn.then(place);
      turn = mine.catch(() => undefined);
      const at = await mine;
      for (let wait = Math.max(at, pausedUntil) - clock.now(); wait > 0; wait = Math.max(at, pausedUntil) - clock.now()) await clock.wait(wait);
    },
    note() {
      noted += 1;
      if (noted * gap < block && clock.now() - notedAt < block) return;
      const calls = noted;
      noted = 0;
      notedAt = clock.now();
      // A call that is not counted delays nobody.
      reserve(calls * gap).catch(() => undefined);
    },
    heed(error: DomainError | undefined) {
      const asked = error instanceof ConnectorUnavailable ? error.retryAfter : null;
      if (asked !== null) pausedUntil = Math.max(pausedUntil, clock.now() + Math.min(asked, longestPause));
    },
  };
}
