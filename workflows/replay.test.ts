import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleWorkflows } from '../apps/worker/bundle-workflows.ts';

const directory = join(import.meta.dirname, 'histories');
const histories = readdirSync(directory).filter((name) => /\.json(\.gz)?$/.test(name));
const quiet = { log: none, trace: none, debug: none, info: none, warn: none, error: none };
let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  Runtime.install({ shutdownSignals: [], logger: quiet });
  workflowBundle = await bundleWorkflows(none);
});
afterAll(() => Runtime.instance().shutdown());

/** Workflows that began under an earlier version have to continue under this one. Histories are only ever added: see life.integration.test.ts. */
describe("replay of recorded lives against today's code", () => {
  it('has lives to replay', () => expect(histories.length).toBeGreaterThan(2));

  it.each(histories)('%s', async (name) => {
    const history = read(name);
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  });

  it('has a life for each path of each workflow', () => {
    const runs = histories.map((name) => runOf(read(name)));
    const missing = paths.filter(({ workflow, isTaken }) => !runs.some((run) => run.workflow === workflow && isTaken(run)));
    expect(missing).toEqual([]);
  });

  it("notices a history that today's code would not have made", async () => {
    const history = read(histories[0] ?? '');
    const first = history.events?.find((event) => event.activityTaskScheduledEventAttributes);
    if (first?.activityTaskScheduledEventAttributes) first.activityTaskScheduledEventAttributes.activityType = { name: 'somethingElse' };
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).rejects.toThrow(/[Nn]ondeterminism/);
  });
});

/** Runs that went on as new ones are thousands of events long, and kept compressed. */
function read(name: string): temporal.api.history.v1.History {
  const bytes = readFileSync(join(directory, name));
  return temporal.api.history.v1.History.fromObject(JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as object);
}

/** A recorded run, with the results of its activities. */
interface Run {
  readonly workflow: string;
  readonly isContinued: boolean;
  readonly events: readonly temporal.api.history.v1.IHistoryEvent[];
  readonly results: readonly { readonly activity: string; readonly result: string }[];
}

function runOf({ events }: temporal.api.history.v1.History): Run {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const activities = new Map(
    events.map(({ eventId, activityTaskScheduledEventAttributes: scheduled }) => [String(eventId), scheduled?.activityType?.name ?? '']),
  );
  const results = events.flatMap(({ activityTaskCompletedEventAttributes: completed }) => {
    const data = completed?.result?.payloads?.[0]?.data;
    return data == null ? [] : [{ activity: activities.get(String(completed?.scheduledEventId)) ?? '', result: Buffer.from(data).toString('utf8') }];
  });
  const inPlace = events.flatMap(({ markerRecordedEventAttributes: marker }) => {
    const [what, gave] = [marker?.details?.['data'], marker?.details?.['result']].map((one) => Buffer.from(one?.payloads?.[0]?.data ?? []).toString('utf8'));
    return marker?.markerName === 'core_local_activity' ? [{ activity: /"activity_type":"(\w+)"/.exec(what ?? '')?.[1] ?? '', result: gave ?? '' }] : [];
  });
  return {
    workflow: `${started?.workflowType?.name}${inPlace.length > 0 ? ' in place' : ''}`,
    isContinued: !!started?.continuedExecutionRunId,
    events,
    results: [...results, ...inPlace],
  };
}

type IsTaken = (run: Run) => boolean;
const has =
  (attributes: keyof temporal.api.history.v1.IHistoryEvent): IsTaken =>
  ({ events }) =>
    events.some((event) => event[attributes] != null);
/** True if an activity of this name gave a matching result. */
const gave =
  (activity: string, found: RegExp): IsTaken =>
  ({ results }) =>
    results.some((one) => one.activity === activity && found.test(one.result));
const isContinued: IsTaken = (run) => run.isContinued;

interface Path {
  readonly workflow: string;
  readonly title: string;
  readonly isTaken: IsTaken;
}

const ofLives: readonly Path[] = [
  { workflow: 'identityLifecycle', title: 'ends when nothing lies ahead', isTaken: has('workflowExecutionCompletedEventAttributes') },
  { workflow: 'identityLifecycle', title: 'wakes by its timer', isTaken: has('timerFiredEventAttributes') },
  { workflow: 'identityLifecycle', title: 'is woken before its timer', isTaken: has('timerCanceledEventAttributes') },
  {
    workflow: 'identityLifecycle',
    title: 'breaks off work that a newer decision no longer asks for',
    isTaken: has('activityTaskCancelRequestedEventAttributes'),
  },
  { workflow: 'identityLifecycle', title: 'waits for a case', isTaken: gave('decide', /"waiting":\["/) },
  { workflow: 'identityLifecycle', title: 'waits for a hold', isTaken: gave('decide', /"held":\["/) },
  { workflow: 'identityLifecycle', title: 'ends first everywhere', isTaken: gave('decide', /"stage":"leaving"/) },
  { workflow: 'identityLifecycle', title: 'goes on as a new run', isTaken: has('workflowExecutionContinuedAsNewEventAttributes') },
  { workflow: 'identityLifecycle', title: 'is the new run', isTaken: isContinued },
];

/**
 * Paths that the corpus has to contain: a change of a workflow's definition that breaks one of these is detected. Identity lifecycles of before they
 * decided in place continue as they began.
 */
const paths: readonly Path[] = [
  ...ofLives,
  ...ofLives.map((path) => ({ ...path, workflow: `${path.workflow} in place` })),
  { workflow: 'wave', title: 'is finished', isTaken: has('workflowExecutionCompletedEventAttributes') },
  { workflow: 'wave', title: 'leaves a target that stays silent to the lives', isTaken: has('activityTaskFailedEventAttributes') },
  { workflow: 'wave', title: 'wakes lives', isTaken: gave('settleWave', /"woken":[1-9]/) },
  {
    workflow: 'wave',
    title: 'decides for the next people while the ones before are brought about',
    isTaken: ({ results }) => results.filter(({ activity, result }) => activity === 'planWave' && /"upTo":"/.test(result)).length > 2,
  },
  { workflow: 'wave', title: 'carries out what was approved before its last look', isTaken: gave('finishWave', /"again":true/) },
  {
    workflow: 'wave',
    title: 'looks again when it was told after its last look',
    isTaken: ({ results }) => results.filter(({ activity, result }) => activity === 'finishWave' && /"again":false/.test(result)).length > 1,
  },
  { workflow: 'wave', title: 'goes on as a new run', isTaken: has('workflowExecutionContinuedAsNewEventAttributes') },
  { workflow: 'wave', title: 'is the new run', isTaken: isContinued },
  { workflow: 'reconcileTarget', title: 'reads and concludes', isTaken: gave('concludeReconciliation', /"verdict":"complete"/) },
  { workflow: 'reconcileTarget', title: 'concludes in several parts', isTaken: gave('concludeReconciliation', /"verdict":null/) },
  { workflow: 'reconcileTarget', title: 'concludes from what was read before a page was refused', isTaken: has('activityTaskFailedEventAttributes') },
  { workflow: 'reconcileTarget', title: 'sleeps through quiet hours', isTaken: has('timerFiredEventAttributes') },
  { workflow: 'reconcileTarget', title: 'is postponed to the end of quiet hours', isTaken: gave('beginReconciliation', /"postponedUntil":"/) },
  { workflow: 'tendQuarantine', title: 'works on what is due, and ends', isTaken: gave('dueInQuarantine', /"ids":\["/) },
  { workflow: 'accessRequest', title: 'is over when all is decided', isTaken: has('workflowExecutionCompletedEventAttributes') },
  {
    workflow: 'accessRequest',
    title: 'goes on to the next stage, and ends, by signals of answers that the API has counted',
    isTaken: (run) =>
      run.events.every((event) => event.workflowExecutionUpdateAcceptedEventAttributes == null) &&
      gave('advanceRequest', /"waiting":\[\{[^\]]*"stage":"finance"/)(run) &&
      gave('advanceRequest', /"approved":1/)(run) &&
      has('timerCanceledEventAttributes')(run),
  },
  // Answers from before the API counted them.
  { workflow: 'accessRequest', title: 'counts an answer', isTaken: gave('takeAnswer', /"outcome":"counted"/) },
  { workflow: 'accessRequest', title: 'refuses an answer', isTaken: gave('takeAnswer', /"outcome":"(?!counted)/) },
  { workflow: 'accessRequest', title: 'reminds, escalates or closes by its timer', isTaken: has('timerFiredEventAttributes') },
  { workflow: 'accessRequest', title: 'goes on as a new run', isTaken: has('workflowExecutionContinuedAsNewEventAttributes') },
  { workflow: 'accessRequest', title: 'is the new run', isTaken: isContinued },
  { workflow: 'inbox', title: 'escalates by its timer', isTaken: gave('tendCases', /"escalated":[1-9]/) },
  { workflow: 'inbox', title: 'is woken before its timer', isTaken: has('timerCanceledEventAttributes') },
  { workflow: 'inbox', title: 'ends when no deadline lies ahead', isTaken: has('workflowExecutionCompletedEventAttributes') },
];

function none(): void {
  // Nothing to log.
}
