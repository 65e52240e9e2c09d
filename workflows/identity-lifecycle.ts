import type { Activities, Decision } from '@tenure/activities';
import { livesQueue } from './queues.ts';
import { dueAtAttribute, identityAttribute, stageAttribute, triggerAttribute } from './search-attributes.ts';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type Application, bringAbout } from './bring-about.ts';
import { factsChangedSignal, type LifecycleInput, nextWakeUpQuery, statusQuery, type Wake } from './messages.ts';

/** Provisioning of identity lifecycles that began before they decided in place: by an activity that the server hands out. */
const { decide: decideElsewhere } = proxyActivities<Activities>({
  taskQueue: livesQueue,
  startToCloseTimeout: '1 minute',
  // The worker sends a heartbeat every few seconds: the work of a killed one goes to another soon.
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
  summary: 'Evaluate access',
});

const { decide: decideInPlace } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
  // Beyond that a timer waits, so that a database that is away does not fill histories.
  localRetryThreshold: '2 seconds',
  summary: 'Evaluate access',
});

/** Milliseconds. A wait is limited to this and repeated, so that no date is too far for a timer. */
const longestWait = 365 * 24 * 3600 * 1000;

/**
 * Workflow of one identity's lifecycle: decides, provisions every target side by side, then sleeps until a date or a signal comes. It ends when
 * nothing is pending and no date lies ahead; the next signal starts it again.
 */
export async function identityLifecycle({ identityId, wake: carried }: LifecycleInput): Promise<void> {
  const decide = patched('decide-in-place') ? decideInPlace : decideElsewhere;
  const applying = new Map<string, Application>();
  let decision: Decision | null = null;
  let wake: Wake | null = carried ?? { trigger: 'restart', correlationId: workflowInfo().runId };
  const isWoken = (): boolean => wake !== null;

  setHandler(
    factsChangedSignal,
    (message) => {
      // A human decision asks for an attempt at once; other signals at the same moment do not undo that.
      if (wake?.trigger === 'decision' && message.trigger !== 'decision' && patched('keep-decision')) return;
      wake = message;
    },
    { description: 'Facts, policy, an operation or a decision about the person has changed: access is evaluated again.' },
  );
  setHandler(nextWakeUpQuery, () => decision?.nextWakeUp ?? null, { description: 'Next date at which access changes without new facts; null: none is known.' });
  setHandler(
    statusQuery,
    () => ({
      stage: decision?.stage ?? 'change',
      state: decision?.state ?? 'unknown',
      why: decision?.why ?? '',
      nextWakeUp: decision?.nextWakeUp ?? null,
      applying: [...applying.keys()].sort(),
      waiting: decision?.waiting ?? [],
    }),
    { description: 'Stage and lifecycle state with its reason, next date, targets in provisioning, and targets that wait for a case to be closed.' },
  );
  upsertSearchAttributes([{ key: identityAttribute, value: identityId }]);

  for (;;) {
    const { trigger, correlationId, ...trace }: Wake = wake ?? { trigger: 'timer', correlationId: workflowInfo().runId };
    wake = null;
    decision = await decide({ identityId, trigger, correlationId, ...trace, now: new Date().toISOString() });
    describe(decision, trigger);
    bringAbout({ identityId, trigger, correlationId }, decision, applying);

    const isWorking = applying.size > 0;
    if (!isWorking && !isWoken() && decision.nextWakeUp === null && allHandlersFinished()) return;
    await waitFor(() => isWoken() || (isWorking && applying.size === 0), decision);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof identityLifecycle>({ identityId, wake });
  }
}

async function waitFor(isReady: () => boolean, { nextWakeUp, stage, state }: Decision): Promise<void> {
  if (nextWakeUp === null) return condition(isReady);
  const wait = Math.min(Math.max(Date.parse(nextWakeUp) - Date.now(), 0), longestWait);
  const summary = stage === 'idle' ? `Waits for the next date, ${nextWakeUp}; state ${state}` : `Waits for the next observation, ${nextWakeUp}`;
  await condition(isReady, wait, { summary });
}

function describe(decision: Decision, trigger: string): void {
  upsertSearchAttributes([
    { key: stageAttribute, value: decision.stage },
    { key: triggerAttribute, value: trigger },
    { key: dueAtAttribute, value: decision.nextWakeUp === null ? null : new Date(decision.nextWakeUp) },
  ]);
  const lines = [
    `Lifecycle state **${decision.state}**: ${decision.why}.`,
    decision.work.length > 0
      ? `Provisioning in ${decision.work.map(({ target }) => target).join(', ')}.`
      : decision.observed === undefined
        ? 'Every target is confirmed.'
        : 'Every other target is confirmed.',
    ...(decision.observed === undefined ? [] : [`Only observed, and not as desired: ${decision.observed.join(', ')}.`]),
    ...(decision.waiting.length > 0 ? [`Waits for a case to be closed: ${decision.waiting.join(', ')}.`] : []),
    ...(decision.held === undefined ? [] : [`Provisioning suspended by an operator: ${decision.held.join(', ')}.`]),
    decision.nextWakeUp === null ? 'No date is ahead.' : `The next date is ${decision.nextWakeUp}.`,
  ];
  setCurrentDetails(lines.join('\n\n'));
}
