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
  summary: 'Give cases their owners and deadlines, and escalate what is due',
});

/** Milliseconds. A wait is cut here: what nobody told of is seen to within a day. */
const longestWait = 24 * 3600 * 1000;

/**
 * The deadlines of all cases: one timer, for the next of them, instead of one for each. It ends when no case waits for a deadline; the
 * next case that is opened starts it again.
 */
export async function inbox({ correlationId }: InboxInput): Promise<void> {
  let isWoken = false;
  setHandler(inboxChangedSignal, () => {
    isWoken = true;
  });
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
    `${tended} cases were seen to, ${escalated} of them went to the next in line.\n\n${nextAt === null ? 'No deadline lies ahead.' : `The next deadline is at ${nextAt}.`}`,
  );
}
