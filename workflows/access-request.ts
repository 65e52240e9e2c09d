import type { Activities, RequestProgress } from '@tenure/activities';
import { livesQueue } from './queues.ts';
import { dueAtAttribute, identityAttribute, stageAttribute } from './search-attributes.ts';
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { decideUpdate, requestChangedSignal, type RequestWorkflowInput } from './messages.ts';

const settings = {
  taskQueue: livesQueue,
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
} as const;
const { advanceRequest } = proxyActivities<Activities>({ ...settings, summary: 'Request approvals, remind, escalate or grant what is due' });
const { takeAnswer } = proxyActivities<Activities>({ ...settings, summary: 'Count an approval answer' });

/** Milliseconds. A wait is limited to this: a change without a signal is found within a day. */
const longestWait = 24 * 3600 * 1000;

/**
 * Workflow of one request, from its creation until its last item is decided: carries out what is due, then sleeps until the next reminder or
 * deadline, or a signal: of an answer, or of a person on whom it depends who leaves or returns. The state is in the database, where the API counts
 * answers; the workflow only waits.
 */
export async function accessRequest({ requestId, correlationId }: RequestWorkflowInput): Promise<void> {
  let isWoken = true;
  setHandler(
    requestChangedSignal,
    () => {
      isWoken = true;
    },
    { description: 'An answer was counted, or the approvers have changed: the request is processed again.' },
  );
  // Sent by API processes of before version 0.2, and recorded in histories.
  setHandler(decideUpdate, async ({ answerId, correlationId: of }) => {
    const { outcome } = await takeAnswer({ requestId, answerId, correlationId: of, now: new Date().toISOString() });
    isWoken = true;
    if (outcome !== 'counted') throw ApplicationFailure.nonRetryable('the answer was not taken', outcome);
  });
  for (;;) {
    isWoken = false;
    const standing = await advanceRequest({ requestId, correlationId, now: new Date().toISOString() });
    describe(standing);
    if (!standing.isOpen && !isWoken) {
      await condition(allHandlersFinished);
      return;
    }
    if (!isWoken) await sleepUntil(standing, () => isWoken);
    if (workflowInfo().continueAsNewSuggested) {
      // An answer that is being counted is answered by the run that took it.
      await condition(allHandlersFinished);
      await continueAsNew<typeof accessRequest>({ requestId, correlationId });
    }
  }
}

async function sleepUntil({ nextAt, waiting }: RequestProgress, isReady: () => boolean): Promise<void> {
  const wait = nextAt === null ? longestWait : Math.min(Math.max(Date.parse(nextAt) - Date.now(), 0), longestWait);
  const stages = [...new Set(waiting.map(({ stage }) => stage))].join(', ');
  await condition(isReady, wait, { summary: `Waits for ${stages}${nextAt === null ? '' : `, next at ${nextAt}`}` });
}

function describe({ identityId, isOpen, waiting, approved, denied, nextAt }: RequestProgress): void {
  upsertSearchAttributes([
    { key: identityAttribute, value: identityId },
    { key: stageAttribute, value: isOpen ? 'waiting' : 'idle' },
    { key: dueAtAttribute, value: nextAt === null ? null : new Date(nextAt) },
  ]);
  const lines = [
    `**${waiting.length}** open, ${approved} approved, ${denied} denied.`,
    ...waiting.map(
      ({ name, stage, asked, isEscalated }) =>
        `${name} waits for **${stage}**${isEscalated ? ', escalated' : ''}: ${asked === 1 ? '1 approver' : `${asked} approvers`}.`,
    ),
    !isOpen ? 'Every item is decided.' : nextAt === null ? 'No date is ahead.' : `The next reminder, escalation or deadline is at ${nextAt}.`,
  ];
  setCurrentDetails(lines.join('\n\n'));
}
