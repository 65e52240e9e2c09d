import type { Activities } from '@tenure/activities';
import { identityAttribute, stageAttribute, triggerAttribute } from './search-attributes.ts';
import { condition, continueAsNew, proxyLocalActivities, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type Application, bringAbout } from './bring-about.ts';
import { factsChangedSignal, type LifecycleInput, type Wake } from './messages.ts';

const { decide } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' },
  localRetryThreshold: '2 seconds',
  summary: 'Evaluate access',
});

/** Milliseconds. By then the identity lifecycle workflow has been signalled too, and continues for as long as a target is away. */
const within = 120_000;

/**
 * Workflow of urgent provisioning of one identity: decides and provisions all targets, on a queue in which no identity lifecycle waits. It does not
 * sleep and keeps nothing: dates, cases and everything that takes longer belong to the identity lifecycle workflow, which is signalled of the same a
 * few seconds later. Both may work at the same time, since only one of them speaks to a target about an account and each provisions the state that is
 * desired by then.
 */
export async function urgentProvisioning({ identityId, wake: carried }: LifecycleInput): Promise<void> {
  const applying = new Map<string, Application>();
  let wake: Wake | null = carried ?? null;
  const isWoken = (): boolean => wake !== null;
  setHandler(
    factsChangedSignal,
    (message) => {
      if (wake?.trigger !== 'decision' || message.trigger === 'decision') wake = message;
    },
    { description: 'Facts, an operation or a decision about the person has changed: access is evaluated again.' },
  );
  for (;;) {
    const { trigger, correlationId, ...trace }: Wake = wake ?? { trigger: 'restart', correlationId: workflowInfo().runId };
    wake = null;
    const decision = await decide({ identityId, trigger, correlationId, ...trace, now: new Date().toISOString() });
    upsertSearchAttributes([
      { key: identityAttribute, value: identityId },
      { key: stageAttribute, value: decision.stage },
      { key: triggerAttribute, value: trigger },
    ]);
    const targets = decision.work.map(({ target }) => target).join(', ');
    setCurrentDetails(
      `Lifecycle state **${decision.state}**: ${decision.why}.\n\n${targets === '' ? 'Every target is confirmed.' : `Provisioning in ${targets}.`}`,
    );
    bringAbout({ identityId, trigger, correlationId }, decision, applying, within);
    await condition(() => isWoken() || applying.size === 0);
    if (!isWoken()) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof urgentProvisioning>({ identityId, wake });
  }
}
