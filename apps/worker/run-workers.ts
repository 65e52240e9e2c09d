import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { createActivities } from '@tenure/activities';
import type { Loop, Meter } from '@tenure/engine/decide';
import type { Configuration } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import type { Store } from '@tenure/store';
import { currentTraceparent, noTracing, type Tracing } from '@tenure/telemetry';
import { livesQueue, targetQueue, urgentQueue } from '@tenure/workflows/queues';
import type { Logger } from 'pino';
import { workflowBundle as usualBundle } from './workflow-bundle.ts';
import { activityScope } from './activity-scope.ts';
import { failureTranslation } from './failure-translation.ts';
import { heartbeats } from './heartbeats.ts';

export interface WorkerDependencies {
  readonly store: Store;
  readonly loop: Loop;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  readonly configuration: Configuration;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly meter?: Meter;
  readonly tracing?: Tracing;
  /** Made beforehand, where several workers of the sources share it; built code has its own. */
  readonly workflowBundle?: WorkflowBundleOption;
}

export interface RunningWorkers {
  readonly client: Client;
  /** Resolves when all have stopped; rejects when one of them fails. */
  readonly done: Promise<void>;
  /** Its own workers, by the queue that each one polls. */
  readonly queues: Readonly<Record<string, Worker>>;
  /** Lets what is under way finish, for as long as `shutdownGraceTime`. */
  shutdown(): void;
}

/** One worker for the lives, one for what passes them, and one for each target, whose limits are that target's: concurrency here, rate over all workers. */
export async function runWorkers(dependencies: WorkerDependencies): Promise<RunningWorkers> {
  const { connection, namespace, configuration, logger, tracing = noTracing } = dependencies;
  const activities = createActivities({ ...dependencies, alive, lastProgress, traceparent: currentTraceparent });
  const shared = {
    connection,
    namespace,
    shutdownGraceTime: '10 seconds' as const,
    interceptors: { activity: [activityScope(tracing), failureTranslation(logger), heartbeats] },
  };
  const workflowBundle = dependencies.workflowBundle ?? (await usualBundle((message) => logger.warn(message)));
  const lives = await Worker.create({
    ...shared,
    taskQueue: livesQueue,
    workflowBundle,
    activities: {
      decide: activities.decide,
      planWave: activities.planWave,
      settleWave: activities.settleWave,
      finishWave: activities.finishWave,
      advanceRequest: activities.advanceRequest,
      takeAnswer: activities.takeAnswer,
      tendCases: activities.tendCases,
    },
    maxConcurrentActivityTaskExecutions: 20,
    // Decisions of lives: as many as there are connections for them.
    maxConcurrentLocalActivityExecutions: 20,
  });
  // Ends have slots that no life takes; few, since each of them is short.
  const urgent = await Worker.create({
    ...shared,
    taskQueue: urgentQueue,
    workflowBundle,
    activities: { decide: activities.decide },
    maxConcurrentWorkflowTaskExecutions: 10,
    maxConcurrentActivityTaskExecutions: 1,
    maxConcurrentLocalActivityExecutions: 10,
    maxCachedWorkflows: 100,
  });
  const targets = await Promise.all(
    Object.values(configuration.targets).map(({ name, concurrency, ratePerSecond }) =>
      Worker.create({
        ...shared,
        taskQueue: targetQueue(name),
        activities: { applyOperations: activities.applyOperations, applyWave: activities.applyWave },
        maxConcurrentActivityTaskExecutions: concurrency,
        maxTaskQueueActivitiesPerSecond: ratePerSecond,
      }),
    ),
  );
  const workers = [lives, urgent, ...targets];
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const done = Promise.all(workers.map((worker) => worker.run())).then(
    () => undefined,
    (error: unknown) => {
      shutdown();
      throw error;
    },
  );
  return {
    client: new Client({ connection, namespace }),
    queues: Object.fromEntries(workers.map((worker) => [worker.options.taskQueue, worker])),
    done,
    shutdown,
  };
}

/** Tells Temporal that the activity lives, and stops it when a newer decision took its place. */
function alive(progress?: unknown): void {
  const context = Context.current();
  context.heartbeat(progress);
  context.cancellationSignal.throwIfAborted();
}

/** What the last attempt told before its worker was lost. */
function lastProgress(): unknown {
  return Context.current().info.heartbeatDetails;
}
