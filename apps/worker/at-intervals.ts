import type { Looking } from './keep-looking.ts';

export interface Repeated extends Pick<Looking, 'underWay'> {
  /** Runs the work now, unless it is running. */
  now(): void;
  /** Starts no more runs, and waits for the one under way. */
  stop(): Promise<void>;
}

/**
 * Repeats work, never twice at a time: where one run hangs, the next ones do not queue up behind it.
 * @param work reports its own errors; it does not reject
 * @param every milliseconds
 */
export function atIntervals(work: () => Promise<void>, every: number): Repeated {
  let begun: number | null = null;
  let running: Promise<void> = Promise.resolve();
  const now = (): void => {
    if (begun !== null) return;
    begun = performance.now();
    running = work().finally(() => {
      begun = null;
    });
  };
  const timer = setInterval(now, every);
  return {
    now,
    underWay: () => (begun === null ? 0 : performance.now() - begun),
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
