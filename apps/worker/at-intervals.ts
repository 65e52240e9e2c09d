import type { Looking } from './keep-looking.ts';

export interface Repeated extends Pick<Looking, 'underWay'> {
  /** Does it now, unless it is being done. */
  now(): void;
  /** Begins it no more, and waits for what is under way. */
  stop(): Promise<void>;
}

/**
 * Does something again and again, never twice at a time: where one run hangs, the next ones do not pile up behind it.
 * @param work tells of its own trouble; it does not reject
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
