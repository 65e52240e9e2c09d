import { type Client, ScheduleNotFoundError, ScheduleOverlapPolicy, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { OutboxMessage, Store, BatchRun } from '@tenure/store';
import { livesQueue, urgentQueue } from '@tenure/workflows/queues';
import { stageAttribute, triggerAttribute, identityAttribute } from '@tenure/workflows/search-attributes';
import {
  accessRequestType,
  batchReleasedSignal,
  factsChangedSignal,
  inboxChangedSignal,
  inboxType,
  inboxWorkflowId,
  identityLifecycleType,
  reconciliationScheduleId,
  requestChangedSignal,
  identityWorkflowId,
  requestWorkflowId,
  quarantineWorkflowId,
  tendQuarantineType,
  urgentProvisioningType,
  urgentWorkflowId,
  waveType,
  waveWorkflowId,
} from '@tenure/workflows/messages';
import { inSpan, noTracing, type Tracing } from '@tenure/telemetry';
import type { Logger } from 'pino';
import { keepLooking, type Looking } from './keep-looking.ts';
import { latestOfEach } from './latest-of-each.ts';

export interface DispatcherDependencies {
  readonly store: Store;
  readonly client: Client;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly tracing?: Tracing;
}

const batch = 100;

/**
 * Milliseconds after which an identity lifecycle workflow is signalled of the event for which urgent provisioning was started: by then that is done,
 * where the targets answer.
 */
const lifeFollows = 5_000;
/** Milliseconds by which an identity lifecycle's timer may be late before the end is provisioned without it. */
const endFollows = 2_000;

const contextAt = (now: string) => ({ actor: { kind: 'system', id: 'dispatcher' }, correlationId: 'dispatch', now }) as const;

/**
 * Hands urgent outbox rows to Temporal: each starts urgent provisioning on a queue of its own, and stays as a message that is signalled to the
 * identity lifecycle workflow later. Ends whose date has passed while their workflow sleeps, or waits among others, are started too.
 * @returns number of rows that were handed over
 */
export async function dispatchUrgent({ store, client, clock, tracing = noTracing }: DispatcherDependencies): Promise<number> {
  const now = clock();
  const overdue = await store.read((tx) => tx.identities.endsOverdue(new Date(Date.parse(now) - endFollows).toISOString(), batch));
  await Promise.all(overdue.map((identityId) => startOverdueEnd(client, identityId)));
  return store.transaction(contextAt(now), async (tx) => {
    const messages = await tx.outbox.take(batch, 'urgent');
    await Promise.all(latestOfEach(messages).map((message) => inOutboxSpan(tracing, message, (traced) => startUrgent(client, traced))));
    if (messages.length > 0)
      await tx.outbox.defer(
        messages.map(({ id }) => id),
        lifeFollows,
      );
    return messages.length;
  });
}

/**
 * Hands the other outbox rows to Temporal as signal-with-start. A row is deleted only once its signal was accepted, so a crash repeats a signal and
 * never loses one; a workflow that is signalled twice comes to the same result.
 * @returns number of rows that were handed over
 */
export async function dispatchOutbox({ store, client, clock, tracing = noTracing }: DispatcherDependencies): Promise<number> {
  const context = contextAt(clock());
  return store.transaction(context, async (tx) => {
    const messages = await tx.outbox.take(batch, 'ordinary');
    await Promise.all(latestOfEach(messages).map((message) => handOver(client, tracing, message)));
    await tx.outbox.remove(messages.map(({ id }) => id));
    // Batches come after everybody who waits alone: a leaver never queues behind a mass hire.
    for (const wave of await tx.batchRuns.waiting(batch)) {
      await startBatch(client, wave);
      await tx.batchRuns.started(wave.id, context.now);
    }
    const [cases, holds] = [await tx.cases.signalNew(), await tx.suspensions.signalNew()];
    if (cases || holds) await wakeInbox(client, context.correlationId);
    return messages.length;
  });
}

/** Milliseconds after which a run that was handed over and has not begun is handed over again: its signal was lost with Temporal's store. */
const handOverAgain = 600_000;

/**
 * Triggers the schedules of targets that are to be read on request. A run that is under way ends first. A target whose schedule is not made yet waits
 * for it.
 * @returns number of targets that were handed over
 */
export async function dispatchReconciliations({ store, client, clock }: DispatcherDependencies): Promise<number> {
  const now = clock();
  return store.transaction(contextAt(now), async (tx) => {
    const waiting = await tx.reconciliationRuns.waiting(new Date(Date.parse(now) - handOverAgain).toISOString(), batch, now);
    const handed = await Promise.all(waiting.map(async ({ id, target }) => ((await trigger(client, target)) ? [id] : [])));
    await tx.reconciliationRuns.handed(handed.flat(), now);
    return handed.flat().length;
  });
}

/**
 * Starts the workflow of each target in which accounts in quarantine are due, or accounts of nobody are to be bound to people. One that runs already finds them by itself.
 * @returns number of targets
 */
export async function dispatchQuarantines({ store, client, clock }: DispatcherDependencies): Promise<number> {
  const targets = await store.read(async (tx) => [
    ...(await tx.quarantinedAccounts.dueTargets(clock(), batch)),
    ...(await tx.findings.adoptionTargets(clock(), batch)),
  ]);
  const each = new Set(targets);
  await Promise.all([...each].map((target) => tendTarget(client, target)));
  return each.size;
}

async function tendTarget(client: Client, target: string): Promise<void> {
  try {
    await client.workflow.start(tendQuarantineType, {
      workflowId: quarantineWorkflowId(target),
      taskQueue: livesQueue,
      args: [{ target }],
      priority: { priorityKey: 5 },
      staticSummary: `Accounts in quarantine of ${target}`,
      staticDetails: 'Disables accounts of nobody, deletes them after their grace, and restores them or binds them to people on request.',
      typedSearchAttributes: [{ key: stageAttribute, value: 'change' }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function trigger(client: Client, target: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(reconciliationScheduleId(target)).trigger(ScheduleOverlapPolicy.BUFFER_ONE);
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

async function handOver(client: Client, tracing: Tracing, message: OutboxMessage): Promise<void> {
  const { identityId, requestId, correlationId } = message;
  if (requestId != null) return wakeRequest(client, { id: requestId, identityId, correlationId });
  await inOutboxSpan(tracing, message, (traced) => wakeLife(client, traced));
}

/** Runs work in the span of the outbox: the time there is part of the trace, and later spans continue from it. */
async function inOutboxSpan(tracing: Tracing, message: OutboxMessage, work: (traced: OutboxMessage) => Promise<void>): Promise<void> {
  const { traceparent: parent, createdAt, trigger, identityId, correlationId } = message;
  if (parent === null) return work(message);
  const attributes = { 'tenure.trigger': trigger, 'tenure.identity': identityId, 'tenure.correlation': correlationId };
  await inSpan(tracing, 'outbox', { kind: 'producer', parent, startedAt: Date.parse(createdAt), attributes }, ({ traceparent }) =>
    work({ ...message, traceparent }),
  );
}

/** Starts a workflow beside the identity lifecycle, on a queue in which no identity lifecycle waits. One that runs already looks again. */
async function startUrgent(client: Client, { identityId, trigger, correlationId, traceparent }: OutboxMessage): Promise<void> {
  await client.workflow.signalWithStart(urgentProvisioningType, {
    ...urgentStart(identityId),
    args: [{ identityId }],
    signal: factsChangedSignal,
    signalArgs: [{ trigger, correlationId, ...(traceparent === null ? {} : { traceparent }) }],
  });
}

/** Starts urgent provisioning of an overdue end: once, however often the end is found until it is decided. */
async function startOverdueEnd(client: Client, identityId: string): Promise<void> {
  try {
    await client.workflow.start(urgentProvisioningType, {
      ...urgentStart(identityId),
      args: [{ identityId, wake: { trigger: 'timer', correlationId: 'dispatch' } }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

function urgentStart(identityId: string) {
  return {
    workflowId: urgentWorkflowId(identityId),
    taskQueue: urgentQueue,
    priority: { priorityKey: 1 },
    staticSummary: `Urgent provisioning: identity ${identityId}`,
    staticDetails:
      'Evaluates access and provisions it in every target, ahead of other work, for an identity whose access ends. Dates and cases stay with the identity lifecycle workflow.',
    typedSearchAttributes: [
      { key: identityAttribute, value: identityId },
      { key: stageAttribute, value: 'leaving' },
    ],
  };
}

/** Signals an identity lifecycle workflow, or starts it. */
export async function wakeLife(
  client: Client,
  {
    identityId,
    trigger,
    correlationId,
    urgent,
    traceparent,
  }: Pick<OutboxMessage, 'identityId' | 'trigger' | 'correlationId' | 'urgent'> & { readonly traceparent?: string | null },
): Promise<void> {
  await client.workflow.signalWithStart(identityLifecycleType, {
    workflowId: identityWorkflowId(identityId),
    taskQueue: livesQueue,
    args: [{ identityId }],
    signal: factsChangedSignal,
    signalArgs: [{ trigger, correlationId, ...(traceparent == null ? {} : { traceparent }) }],
    // Temporal serves 1 before 5: a leaver passes a mass hire.
    priority: { priorityKey: urgent ? 1 : 3 },
    staticSummary: `Identity lifecycle: identity ${identityId}`,
    staticDetails: 'Evaluates access by policy, provisions it in every target, and waits until facts, policy or a date change something.',
    typedSearchAttributes: [
      { key: identityAttribute, value: identityId },
      { key: stageAttribute, value: 'change' },
      { key: triggerAttribute, value: trigger },
    ],
  });
}

/** Signals the workflow of a request, or starts it. That of a request that is decided looks once more and ends. */
export async function wakeRequest(
  client: Client,
  { id, identityId, correlationId }: { readonly id: string; readonly identityId: string; readonly correlationId: string },
): Promise<void> {
  await client.workflow.signalWithStart(accessRequestType, {
    workflowId: requestWorkflowId(id),
    taskQueue: livesQueue,
    args: [{ requestId: id, correlationId }],
    signal: requestChangedSignal,
    signalArgs: [{ correlationId }],
    priority: { priorityKey: 2 },
    staticSummary: `Access request ${id}`,
    staticDetails: 'Requests approvals stage by stage, sends reminders, escalates at deadlines, and grants what is approved.',
    typedSearchAttributes: [
      { key: identityAttribute, value: identityId },
      { key: stageAttribute, value: 'waiting' },
    ],
  });
}

/** Signals the workflow of the deadlines of cases, or starts it. */
export async function wakeInbox(client: Client, correlationId: string): Promise<void> {
  await client.workflow.signalWithStart(inboxType, {
    workflowId: inboxWorkflowId,
    taskQueue: livesQueue,
    args: [{ correlationId }],
    signal: inboxChangedSignal,
    signalArgs: [],
    priority: { priorityKey: 2 },
    staticSummary: 'Deadlines of all cases',
    staticDetails: 'Assigns owners and deadlines to cases, waits for the next deadline, and escalates overdue cases.',
    typedSearchAttributes: [{ key: stageAttribute, value: 'waiting' }],
  });
}

/** Starts one workflow for a whole batch. One that runs already is signalled that there is more, however close it is to its end. */
async function startBatch(client: Client, { id, trigger, correlationId, people }: BatchRun): Promise<void> {
  await client.workflow.signalWithStart(waveType, {
    workflowId: waveWorkflowId(id),
    signal: batchReleasedSignal,
    signalArgs: [],
    taskQueue: livesQueue,
    args: [{ waveId: id, correlationId, trigger }],
    priority: { priorityKey: 4 },
    staticSummary: `Batch change: ${people} people, by ${trigger}`,
    staticDetails: 'Evaluates access for many people at once and provisions it in every target, in slices of a thousand people.',
    typedSearchAttributes: [
      { key: stageAttribute, value: 'change' },
      { key: triggerAttribute, value: trigger },
    ],
  });
}

/** Milliseconds between looks when nothing nudges: the fallback for the database's notification. */
const lookEvery = 1000;

/**
 * Dispatches when nudged, and every second all the same: urgent messages and the others side by side, so that no end waits while a batch of others is
 * handed over. Errors are logged and retried: while Temporal is down, rows wait.
 */
export function startDispatcher(dependencies: DispatcherDependencies): Looking {
  const { logger } = dependencies;
  const queues = [dispatchUrgent, dispatchOutbox, dispatchReconciliations, dispatchQuarantines].map((dispatch) =>
    keepLooking({
      work: async () => (await dispatch(dependencies)) === batch,
      every: lookEvery,
      failed: (error, failures) => {
        if (failures === 1) logger.warn({ err: error }, 'the outbox could not be delivered to Temporal; it waits and is tried again');
      },
      recovered: (failures) => logger.info({ failures }, 'the outbox is delivered to Temporal again'),
    }),
  );
  return {
    nudge() {
      for (const queue of queues) queue.nudge();
    },
    underWay: () => Math.max(...queues.map((queue) => queue.underWay())),
    stop: async () => void (await Promise.all(queues.map((queue) => queue.stop()))),
  };
}
