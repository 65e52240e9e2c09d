import { type Clock, realClock } from './pace.ts';

/** Milliseconds for which reconciliation gives way after identity lifecycles were last worked on in this process. */
const recently = 1000;
/** Milliseconds that are waited for at most: a long statement has delayed nobody in this process. */
const longest = 100;

/** Precedence of identity lifecycles over reconciliation in one process: both use its one thread and its database. */
export interface Precedence {
  /** Takes note of work on an identity lifecycle. */
  note(): void;
  /** Waits as long as the last piece of work took, at most a tenth of a second, if identity lifecycles are being worked on: they get half of the time. */
  giveWay(milliseconds: number): Promise<void>;
}

export function createPrecedence(clock: Clock = realClock): Precedence {
  let notedAt = Number.NEGATIVE_INFINITY;
  return {
    note() {
      notedAt = clock.now();
    },
    async giveWay(milliseconds) {
      if (clock.now() - notedAt < recently) await clock.wait(Math.min(milliseconds, longest));
    },
  };
}
