import { type Clock, realClock } from './pace.ts';

/** Milliseconds for which reconciliation gives way after identity lifecycles were last worked on in this process. */
const recently = 1000;
/** Milliseconds that are waited for at most: a long statement keeps the database busy, and hardly this process. */
const longest = 250;

/** Precedence of identity lifecycles over reconciliation in one process: both use its one thread and its database. */
export interface Precedence {
  /** Takes note of work on an identity lifecycle. */
  note(): void;
  /** Waits so long, at most a quarter of a second, if identity lifecycles are being worked on: a multiple of what the last piece of work took leaves them that part of the time. */
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
