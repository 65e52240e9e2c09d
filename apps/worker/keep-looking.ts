/** Work that is looked for again and again. */
export interface Looking {
  /** Something may be waiting. */
  nudge(): void;
  /** Milliseconds that the look has taken that is under way; 0: none is. */
  underWay(): number;
  stop(): Promise<void>;
}

export interface LookingSettings {
  /** @returns whether there is more to do at once */
  readonly work: () => Promise<boolean>;
  /** Milliseconds between looks when nobody nudges; twice as long after each failure in a row, at most 15 seconds. */
  readonly every: number;
  readonly failed: (error: unknown, failures: number) => void;
  /** It works again, after so many failures in a row. */
  readonly recovered?: (failures: number) => void;
}

/** Looks when nudged, and from time to time all the same. Trouble is told and tried again. */
export function keepLooking({ work, every, failed, recovered }: LookingSettings): Looking {
  let isStopping = false;
  let wakeUp = (): void => undefined;
  let isNudged = true;
  let failures = 0;
  let begun: number | null = null;
  const pause = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const run = async (): Promise<void> => {
    while (!isStopping) {
      isNudged = false;
      begun = performance.now();
      try {
        const isMore = await work();
        if (failures > 0) recovered?.(failures);
        failures = 0;
        if (isMore || isNudged) continue;
      } catch (error) {
        failures += 1;
        failed(error, failures);
      } finally {
        begun = null;
      }
      if (!isStopping) await pause(Math.min(every * 2 ** Math.min(failures, 4), 15_000));
    }
  };
  const running = run();
  return {
    underWay: () => (begun === null ? 0 : performance.now() - begun),
    nudge: () => {
      isNudged = true;
      if (failures === 0) wakeUp();
    },
    stop: async () => {
      isStopping = true;
      wakeUp();
      await running;
    },
  };
}
