import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { lookAtCluster, type WantedCluster } from './cluster/look-at-cluster.ts';
import type { Store } from '@tenure/store';
import type { ReadinessCheck } from '@tenure/telemetry';
import type { RunningWorkers } from './run-workers.ts';

export interface ReadinessDependencies {
  readonly store: Pick<Store, 'check'>;
  readonly connection: Pick<NativeConnection, 'workflowService' | 'operatorService'>;
  readonly wanted: WantedCluster;
  readonly workers: Pick<RunningWorkers, 'queues'>;
}

const types = proto.temporal.api.enums.v1.TaskQueueType;

/** Readiness of the worker: the database, Temporal, and that Temporal sees it poll each of its queues. */
export function workerReadiness({
  store,
  connection,
  wanted,
  workers,
}: ReadinessDependencies): Readonly<Record<string, ReadinessCheck>> & { readonly temporal: ReadinessCheck } {
  const queues = Object.entries(workers.queues).map(([queue, worker]): [string, ReadinessCheck] => [
    `queue ${queue}`,
    async () => {
      const state = worker.getState();
      if (state !== 'RUNNING') return `its worker is ${state.toLowerCase()}`;
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: wanted.namespace,
        taskQueue: { name: queue },
        taskQueueType: types.TASK_QUEUE_TYPE_ACTIVITY,
      });
      return pollers.some(({ identity }) => identity === worker.options.identity) ? 'ok' : 'Temporal does not see this worker poll it';
    },
  ]);
  return {
    database: async () => {
      await store.check();
      return 'ok';
    },
    temporal: async () => {
      const { gaps } = await lookAtCluster(connection, wanted);
      const stopping = gaps.filter(({ stopsLives }) => stopsLives);
      return stopping.length === 0 ? 'ok' : stopping.map(({ sentence }) => sentence).join(' ');
    },
    ...Object.fromEntries(queues),
  };
}
