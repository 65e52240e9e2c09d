import type { Activities, BatchSlice } from '@tenure/activities';
import { livesQueue, targetQueue } from './queues.ts';
import { stageAttribute, triggerAttribute } from './search-attributes.ts';
import {
  ActivityFailure,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { batchReleasedSignal, type WaveInput, type WaveTally } from './messages.ts';

const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' } as const;

const { planWave, settleWave, finishWave } = proxyActivities<Activities>({
  taskQueue: livesQueue,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry,
  summary: 'Evaluate access of the next slice of people',
});

const nothingYet: WaveTally = { people: 0, confirmed: 0, left: 0, woken: 0 };

/**
 * Workflow of a batch run over many people, a thousand at a time: decided together, provisioned in every target side by side while the next thousand
 * are decided. Nobody in it has a workflow of their own, except people for whom something has to wait. Items that are approved while it runs are
 * carried out by it: it ends only when nothing is left to be done.
 */
export async function wave({ waveId, correlationId, trigger, after: carried, tally: before }: WaveInput): Promise<WaveTally> {
  let after = carried ?? null;
  let tally = before ?? nothingYet;
  let underWay: Promise<WaveTally> = Promise.resolve(nothingYet);
  let isReleased = false;
  const mustLookAgain = (): boolean => isReleased;
  setHandler(
    batchReleasedSignal,
    () => {
      isReleased = true;
    },
    { description: 'More items were approved, or have to be processed again: the batch change continues.' },
  );
  upsertSearchAttributes([
    { key: stageAttribute, value: 'change' },
    { key: triggerAttribute, value: trigger },
  ]);
  for (;;) {
    const slice: BatchSlice = await planWave({ waveId, correlationId, after });
    tally = sum(tally, await underWay);
    if (slice.upTo === null) {
      // Approvals until now are in the database; later ones come as a signal, and Temporal lets no run end that has one left.
      isReleased = false;
      const finished = await finishWave({ waveId, correlationId });
      // The result of a version before this field lacks it.
      if (finished?.again !== true && !mustLookAgain()) break;
      after = null;
      underWay = Promise.resolve(nothingYet);
      continue;
    }
    const part = { waveId, correlationId, after, upTo: slice.upTo };
    underWay = bringAbout(part, slice);
    describe(tally, slice);
    after = slice.upTo;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof wave>({ waveId, correlationId, trigger, after, tally: sum(tally, await underWay) });
  }
  describe(tally, null);
  return tally;
}

async function bringAbout(
  part: { waveId: string; correlationId: string; after: string | null; upTo: string },
  { people, targets }: BatchSlice,
): Promise<WaveTally> {
  const results = await Promise.all(targets.map((target) => inTarget(part, target)));
  const { woken } = await settleWave(part);
  return results.reduce(sum, { people, confirmed: 0, left: 0, woken });
}

/**
 * Provisions a target; one that stays silent for some attempts is left to the lifecycle workflows of the people who wait for it, which retry for as
 * long as it takes.
 */
async function inTarget(part: { waveId: string; correlationId: string; after: string | null; upTo: string }, target: string): Promise<WaveTally> {
  const { applyWave } = proxyActivities<Activities>({
    taskQueue: targetQueue(target),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout: '30 seconds',
    retry: { ...retry, maximumAttempts: 5 },
    summary: `Provision these people in ${target}`,
  });
  try {
    return { ...nothingYet, ...(await applyWave({ ...part, target })) };
  } catch (error) {
    if (error instanceof ActivityFailure && !isCancellation(error)) return nothingYet;
    throw error;
  }
}

function sum(a: WaveTally, b: WaveTally): WaveTally {
  return { people: a.people + b.people, confirmed: a.confirmed + b.confirmed, left: a.left + b.left, woken: a.woken + b.woken };
}

function describe(tally: WaveTally, slice: BatchSlice | null): void {
  const lines = [
    `**${tally.people}** people are evaluated: ${tally.confirmed} accounts are confirmed, ${tally.woken} people continue in their identity lifecycle workflow.`,
    slice === null
      ? 'The batch change is finished.'
      : slice.targets.length === 0
        ? `${slice.people} more need no provisioning.`
        : `${slice.people} more are being provisioned in ${slice.targets.join(', ')}.`,
  ];
  setCurrentDetails(lines.join('\n\n'));
}
