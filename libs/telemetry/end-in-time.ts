/** Stops a process in bounded time, on request or because a part of it has failed for good. */
export interface Ending {
  /** Reason for which the process ends by itself, as a sentence for the liveness probe; `null`: it does not. */
  reason(): string | null;
  /** Reports that a part has failed for good: the process stops and ends with exit code 1, so that its supervisor starts another one. */
  failed(reason: string, error?: unknown): void;
  /** Requests the end. At a second request the process ends at once, with exit code 1. */
  asked(): void;
}

export interface EndingSettings {
  readonly logger: Readonly<Record<'info' | 'fatal', (entry: object, message: string) => void>>;
  /** Name of the process as in a sentence: "the worker". */
  readonly name: string;
  /** Finishes current work and closes everything. */
  readonly stop: () => Promise<void>;
  /** Maximum duration of `stop` in milliseconds, even if something hangs. */
  readonly within: number;
  readonly exit: (code: number) => void;
}

/** Creates the ending of a process; nothing else may end the process. */
export function endInTime({ logger, name, stop, within, exit }: EndingSettings): Ending {
  let reason: string | null = null;
  let isStopping = false;
  const end = (code: number): void => {
    isStopping = true;
    const late = setTimeout(() => {
      logger.fatal({ within }, `${name} did not stop in time: it ends all the same`);
      exit(1);
    }, within);
    stop().then(
      () => {
        clearTimeout(late);
        exit(code);
      },
      (err: unknown) => {
        clearTimeout(late);
        logger.fatal({ err }, `${name} could not stop in order`);
        exit(1);
      },
    );
  };
  return {
    reason: () => reason,
    failed(why, err) {
      if (reason !== null || isStopping) return;
      reason = why;
      logger.fatal({ ...(err === undefined ? {} : { err }), reason: why }, `${name} ends because a part of it has failed for good`);
      end(1);
    },
    asked() {
      if (isStopping) {
        logger.info({}, `${name} was asked twice and ends at once`);
        exit(1);
        return;
      }
      logger.info({}, `${name} is stopping`);
      end(0);
    },
  };
}
