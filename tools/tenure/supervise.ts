/** A part that runs, and may end without having been asked to. */
export interface Running {
  /** `undefined` when it could not be run at all. */
  readonly pid: number | undefined;
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

/** A part that is started again when it ends by itself. */
export interface Supervised<T extends Running> {
  /** The running part; `null` between an end and the next start. */
  current(): T | null;
  /** Settles with a sentence when it does not stay up however often it is started again. */
  readonly gaveUp: Promise<string>;
  /** Stops it for good. May be called twice. */
  stop(): Promise<void>;
}

export interface SuperviseOptions<T extends Running> {
  /** Name in sentences: "The worker". */
  readonly name: string;
  /** Starts it and waits until it can be used. */
  readonly start: () => Promise<T>;
  readonly announce: (sentence: string) => void;
  /** Milliseconds before a start. @param failures ends and failed starts in a row; 1 at the first */
  readonly pause?: (failures: number) => number;
}

/** Milliseconds after which a part counts as up to stay. */
const steadyAfter = 60_000;
const most = 20;
/** Milliseconds: 1, 2, 4 … seconds, at most 15. */
const growing = (failures: number): number => Math.min(1000 * 2 ** (failures - 1), 15_000);

/**
 * Starts a part and starts it again whenever it ends by itself: killed, out of memory, or because a service that it needs was gone for too long.
 * Nothing is lost by that; work under way is done again.
 * @throws the error of the first start, which another start would not solve
 */
export async function supervise<T extends Running>({ name, start, announce, pause = growing }: SuperviseOptions<T>): Promise<Supervised<T>> {
  let running: T | null = await start();
  let isStopping = false;
  let wakeUp = (): void => undefined;
  const { promise: gaveUp, resolve: giveUp } = Promise.withResolvers<string>();

  const wait = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const startAgain = async (failures: number): Promise<T | null> => {
    const milliseconds = pause(failures);
    announce(`${name} ended by itself; it is started again in ${(milliseconds / 1000).toFixed(1)} s.`);
    await wait(milliseconds);
    if (isStopping) return null;
    return start().catch((error: unknown) => {
      announce(`${name} could not be started: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    });
  };
  const watch = async (): Promise<void> => {
    let failures = 0;
    let since = performance.now();
    while (!isStopping) {
      await running?.exited;
      running = null;
      if (isStopping) return;
      failures = performance.now() - since > steadyAfter ? 1 : failures + 1;
      if (failures > most) {
        giveUp(`${name} does not stay up, though it was started again ${most} times.`);
        return;
      }
      running = await startAgain(failures);
      since = performance.now();
    }
    // It came up while everything was being stopped.
    await running?.stop();
  };
  const watching = watch();
  return {
    current: () => running,
    gaveUp,
    async stop() {
      isStopping = true;
      wakeUp();
      await running?.stop();
      await watching;
    },
  };
}
