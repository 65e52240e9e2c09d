/** Stops a process in bounded time, because somebody asks for it or because a part of it has failed for good. */
export interface Ending {
  /** Why the process ends by itself, in a sentence; `null`: it does not. Liveness tells it. */
  reason(): string | null;
  /** A part has failed for good: the process stops and ends with exit code 1, so that whoever watches it starts another one. */
  failed(reason: string, error?: unknown): void;
  /** Somebody asks for the end. Whoever asks twice does not want to wait: the process ends at once, with exit code 1. */
  asked(): void;
}

export interface EndingSettings {
  readonly logger: Readonly<Record<'info' | 'fatal', (entry: object, message: string) => void>>;
  /** As it reads in a sentence: "the worker". */
  readonly name: string;
  /** Lets what is under way finish and closes everything. */
  readonly stop: () => Promise<void>;
  /** Milliseconds that `stop` may take, whatever hangs. */
  readonly within: number;
  readonly exit: (code: number) => void;
}

/** @returns what the process is to ask for its end by; nothing else of it ends the process */
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
