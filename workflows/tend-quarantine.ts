import type { Activities } from '@tenure/activities';
import { ActivityFailure, continueAsNew, isCancellation, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { TendQuarantineInput } from './messages.ts';
import { livesQueue, targetQueue } from './queues.ts';

const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds', maximumAttempts: 5 } as const;

const { dueInQuarantine } = proxyActivities<Activities>({
  taskQueue: livesQueue,
  startToCloseTimeout: '1 minute',
  retry,
  summary: 'Find the accounts in quarantine that are due',
});

/**
 * Workflow of the accounts of nobody of one target on which there is something to do now: those in quarantine, and those that are to be bound to people. It ends when there is nothing, and is started again when
 * something is due: the times are in PostgreSQL. Each account is worked on within the limits of its target.
 */
export async function tendQuarantine({ target }: TendQuarantineInput): Promise<{ readonly worked: number }> {
  const correlationId = `quarantine-${workflowInfo().runId}`;
  const { workOnQuarantine } = proxyActivities<Activities>({
    taskQueue: targetQueue(target),
    startToCloseTimeout: '10 minutes',
    // The worker sends a heartbeat every few seconds: the work of a killed one goes to another soon, and nobody else waits for it.
    heartbeatTimeout: '15 seconds',
    retry,
    summary: `Disable, delete, restore or bind an account of nobody in ${target}`,
  });
  let worked = 0;
  for (;;) {
    const { ids } = await dueInQuarantine({ target, correlationId });
    if (ids.length === 0) return { worked };
    try {
      await Promise.all(ids.map((id) => workOnQuarantine({ target, id, correlationId })));
    } catch (error) {
      // The account keeps the time of its next attempt; one whose attempt was lost is still due.
      if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
      return { worked };
    }
    worked += ids.length;
    setCurrentDetails(`**${worked}** accounts in quarantine of ${target} were worked on.`);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof tendQuarantine>({ target });
  }
}
