import type { NativeConnection } from '@temporalio/worker';
import proto from '@temporalio/proto';
import type { Store } from '@tenure/store';
import { type ClockCheck, clockOf } from '@tenure/telemetry';
import type { RunningWorkers } from './run-workers.ts';

export interface ClocksDependencies {
  readonly store: Pick<Store, 'clock'>;
  readonly connection: Pick<NativeConnection, 'workflowService'>;
  readonly namespace: string;
  readonly workers: Pick<RunningWorkers, 'queues'>;
}

/** Milliseconds between two polls of one worker at most, and some to spare. */
const pollsEvery = 75_000;

/** Clocks with which the worker's own has to agree: PostgreSQL's exactly, Temporal's by its time of the worker's last poll. */
export function clocksOf({ store, connection, namespace, workers }: ClocksDependencies): Readonly<Record<string, ClockCheck>> {
  return {
    PostgreSQL: clockOf(() => store.clock()),
    Temporal: async () => {
      const [[queue, worker] = []] = Object.entries(workers.queues);
      if (queue === undefined || worker === undefined) return null;
      const before = Date.now();
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: queue },
        taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
      });
      const own = pollers.find(({ identity }) => identity === worker.options.identity)?.lastAccessTime;
      return own == null ? null : polledAt(Number(own.seconds ?? 0) * 1000 + (own.nanos ?? 0) / 1e6, before, Date.now());
    },
  };
}

/** The other's clock by the last poll, which was made at most `pollsEvery` ago. */
export function polledAt(poll: number, before: number, after: number): number {
  if (poll > after) return poll - after;
  return Math.min(0, poll - before + pollsEvery);
}
