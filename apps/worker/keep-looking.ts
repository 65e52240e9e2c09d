/** Work that is looked for repeatedly. */
export interface Looking {
  /** Looks at once, since something may be waiting. */
  nudge(): void;
  /** Milliseconds since the look under way began; 0: none is under way. */
  underWay(): number;
  stop(): Promise<void>;
}

export interface LookingSettings {
  /** @returns true if there is more to do at once */
  readonly work: () => Promise<boolean>;
  /** Milliseconds between looks when nothing nudges; twice as long after each failure in a row, at most 15 seconds. */
  readonly every: number;
  readonly failed: (error: unknown, failures: number) => void;
  /** Called when a look succeeds after so many failures in a row. */
  readonly recovered?: (failures: number) => void;
}

/** Looks when nudged, and otherwise at intervals. Errors are reported and the look is repeated. */
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
