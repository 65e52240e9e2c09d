import type { Worker } from '@temporalio/worker';

/** Temporal's workers of this process, by the queue that each one polls. They come and go. */
export interface RunningQueues {
  /** Has one poll from now on. */
  run(worker: Worker): void;
  /** Lets one of them finish its work under way. Settles when it polls no longer; at once where there is none. */
  stop(queue: string): Promise<void>;
  /** All that are to poll. */
  readonly queues: Readonly<Record<string, Worker>>;
  /** Resolves when all have stopped after `shutdown`; rejects when one of them fails. */
  readonly done: Promise<void>;
  shutdown(): void;
}

export function createRunningQueues(): RunningQueues {
  const queues: Record<string, Worker> = {};
  const running = new Map<string, Promise<void>>();
  let isStopping = false;
  let end: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  const shutdown = (): void => {
    isStopping = true;
    for (const worker of Object.values(queues)) if (worker.getState() === 'RUNNING') worker.shutdown();
    if (running.size === 0) end();
  };
  return {
    queues,
    done,
    shutdown,
    run(worker) {
      // A queue that a new configuration version adds while the process ends.
      if (isStopping) return;
      const queue = worker.options.taskQueue;
      queues[queue] = worker;
      const ended = worker.run().then(
        () => {
          if (running.get(queue) === ended) running.delete(queue);
          if (isStopping && running.size === 0) end();
        },
        (error: unknown) => {
          shutdown();
          fail(error);
        },
      );
      running.set(queue, ended);
    },
    async stop(queue) {
      const worker = queues[queue];
      // Removed before it stops: a worker that stops by itself has failed.
      delete queues[queue];
      if (worker?.getState() === 'RUNNING') worker.shutdown();
      await running.get(queue);
    },
  };
}
