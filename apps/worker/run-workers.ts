import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities, ActivityDependencies } from '@tenure/activities';
import type { Configuration } from '@tenure/config';
import { currentTraceparent, noTracing, type Tracing } from '@tenure/telemetry';
import { livesQueue, reconciliationQueue, targetQueue, urgentQueue } from '@tenure/workflows/queues';
import type { Logger } from 'pino';
import { workflowBundle as usualBundle } from './workflow-bundle.ts';
import { activityScope } from './activity-scope.ts';
import { failureTranslation } from './failure-translation.ts';
import { heartbeats } from './heartbeats.ts';
import { createRunningQueues } from './running-queues.ts';

export interface WorkerDependencies {
  readonly activities: Activities;
  /** Targets whose queues are polled at first. */
  readonly configuration: Pick<Configuration, 'targets'>;
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly logger: Logger;
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
  /** Polls the queues of these targets from now on, within their limits, and no others. Work under way in a removed target ends first. */
  follow(targets: Configuration['targets']): Promise<void>;
  /** Lets work under way finish, for as long as `shutdownGraceTime`. */
  shutdown(): void;
}

/**
 * Runs one worker for the identity lifecycles, one for urgent work, one for reading whole targets, and one for each target, with the target's limits:
 * concurrency here, rate over all workers.
 */
export async function runWorkers(dependencies: WorkerDependencies): Promise<RunningWorkers> {
  const { activities, connection, namespace, configuration, logger, tracing = noTracing } = dependencies;
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
    // Enough for those that are being worked on: one that waits for weeks is read again when it goes on. The default follows from the limit of the heap.
    maxCachedWorkflows: 500,
    activities: {
      decide: activities.decide,
      planWave: activities.planWave,
      settleWave: activities.settleWave,
      finishWave: activities.finishWave,
      advanceRequest: activities.advanceRequest,
      takeAnswer: activities.takeAnswer,
      tendCases: activities.tendCases,
      dueInQuarantine: activities.dueInQuarantine,
    },
    maxConcurrentActivityTaskExecutions: 20,
    // Decisions of identity lifecycles: as many as there are connections for them.
    maxConcurrentLocalActivityExecutions: 20,
  });
  // Ends have slots that no identity lifecycle takes; few, since each of them is short.
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
  // Activities alone: a few at a time, a minute of reading each. Their workflow is with the identity lifecycles: one more place for workflows is 40 MB.
  const reconciliation = await Worker.create({
    ...shared,
    taskQueue: reconciliationQueue,
    activities: {
      beginReconciliation: activities.beginReconciliation,
      readAccounts: activities.readAccounts,
      concludeReconciliation: activities.concludeReconciliation,
    },
    maxConcurrentActivityTaskExecutions: 4,
  });
  const running = createRunningQueues();
  const limits = new Map<string, string>();
  const follow = async (targets: Configuration['targets']): Promise<void> => {
    const wanted = new Map(
      Object.values(targets).map(({ name, concurrency, ratePerSecond }) => [targetQueue(name), JSON.stringify([concurrency, ratePerSecond])]),
    );
    const changes = [...new Set([...limits.keys(), ...wanted.keys()])].filter((queue) => limits.get(queue) !== wanted.get(queue));
    await Promise.all(changes.map((queue) => running.stop(queue)));
    for (const queue of changes) limits.delete(queue);
    await Promise.all(
      Object.values(targets).map(async ({ name, concurrency, ratePerSecond }) => {
        const queue = targetQueue(name);
        if (!changes.includes(queue)) return;
        const worker = await Worker.create({
          ...shared,
          taskQueue: queue,
          activities: { applyOperations: activities.applyOperations, applyWave: activities.applyWave, workOnQuarantine: activities.workOnQuarantine },
          maxConcurrentActivityTaskExecutions: concurrency,
          maxTaskQueueActivitiesPerSecond: ratePerSecond,
        });
        running.run(worker);
        limits.set(queue, wanted.get(queue) ?? '');
      }),
    );
  };
  for (const worker of [lives, urgent, reconciliation]) running.run(worker);
  await follow(configuration.targets);
  const { queues, done, shutdown } = running;
  return { client: new Client({ connection, namespace }), queues, done, follow, shutdown };
}

/** Calls of activities to Temporal while they run. */
export const inTemporal: Pick<ActivityDependencies, 'alive' | 'lastProgress' | 'traceparent'> = { alive, lastProgress, traceparent: currentTraceparent };

/** Milliseconds: a heartbeat without progress says nothing new that soon, and costs as much as a hundred accounts of a listing. */
const heartbeatEvery = 500;
const lastHeartbeat = new WeakMap<Context, number>();

/** Sends a heartbeat to Temporal, and stops the activity when a newer decision replaced it. */
function alive(progress?: unknown): void {
  const context = Context.current();
  const now = performance.now();
  if (progress !== undefined || now - (lastHeartbeat.get(context) ?? Number.NEGATIVE_INFINITY) >= heartbeatEvery) {
    lastHeartbeat.set(context, now);
    context.heartbeat(progress);
  }
  context.cancellationSignal.throwIfAborted();
}

/** Last heartbeat of the attempt before its worker was lost. */
function lastProgress(): unknown {
  return Context.current().info.heartbeatDetails;
}
