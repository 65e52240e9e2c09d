import type { Activities, InboxProgress } from '@tenure/activities';
import { livesQueue } from './queues.ts';
import { dueAtAttribute, stageAttribute } from './search-attributes.ts';
import { condition, continueAsNew, proxyActivities, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { inboxChangedSignal, type InboxInput } from './messages.ts';

const { tendCases } = proxyActivities<Activities>({
  taskQueue: livesQueue,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
  summary: 'Assign owners and deadlines to cases, and escalate overdue ones',
});

/** Milliseconds. A wait is limited to this: a change without a signal is processed within a day. */
const longestWait = 24 * 3600 * 1000;

/**
 * Workflow of the deadlines of all cases: one timer, for the next of them, instead of one for each. It ends when no case waits for a deadline; the
 * next case that is opened starts it again.
 */
export async function inbox({ correlationId }: InboxInput): Promise<void> {
  let isWoken = false;
  setHandler(
    inboxChangedSignal,
    () => {
      isWoken = true;
    },
    { description: 'A case was opened, or its owner may have changed: owners and deadlines are processed again.' },
  );
  for (;;) {
    isWoken = false;
    const standing = await tendCases({ correlationId, now: new Date().toISOString() });
    describe(standing);
    if (!isWoken && standing.nextAt === null) return;
    const wait = standing.nextAt === null ? longestWait : Math.min(Math.max(Date.parse(standing.nextAt) - Date.now(), 0), longestWait);
    if (!isWoken) await condition(() => isWoken, wait, { summary: `Waits for the next deadline, ${standing.nextAt}` });
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof inbox>({ correlationId });
  }
}

function describe({ tended, escalated, nextAt }: InboxProgress): void {
  upsertSearchAttributes([
    { key: stageAttribute, value: nextAt === null ? 'idle' : 'waiting' },
    { key: dueAtAttribute, value: nextAt === null ? null : new Date(nextAt) },
  ]);
  setCurrentDetails(
    `${tended} cases were handled in the last round, ${escalated} of them escalated.\n\n${nextAt === null ? 'No deadline is ahead.' : `The next deadline is at ${nextAt}.`}`,
  );
}
