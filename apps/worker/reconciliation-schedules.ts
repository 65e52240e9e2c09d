import { createHash } from 'node:crypto';
import { type Client, ScheduleAlreadyRunning, type ScheduleDescription, ScheduleNotFoundError, ScheduleOverlapPolicy } from '@temporalio/client';
import { type Configuration, reconciliationOf } from '@tenure/config';
import { type QuietHours, WEEKDAYS } from '@tenure/domain';
import { logChanges } from '@tenure/telemetry';
import { reconcileTargetType, reconciliationScheduleId } from '@tenure/workflows/messages';
import { livesQueue } from '@tenure/workflows/queues';
import type { Logger } from 'pino';
import { atIntervals, type Repeated } from './at-intervals.ts';

export interface ScheduleDependencies {
  readonly client: Client;
  readonly configuration: Pick<Configuration, 'targets'>;
  readonly logger: Logger;
}

/** Milliseconds between two looks: after a change of the interval, or a new Temporal store, schedules are right within that. */
const lookEvery = 60_000;
/** Milliseconds for which a new schedule waits: an installation that is being set up is not read yet. */
const firstAfter = 3_600_000;
/** Milliseconds of an interval that never comes: such a schedule is paused, and only triggered. */
const never = 365 * 86_400_000;

/** Keeps one schedule for each target: made where it is missing, changed with the configuration, and deleted with its target. */
export function keepSchedules(dependencies: ScheduleDependencies): Repeated {
  const changes = logChanges(dependencies.logger);
  const look = (): Promise<void> =>
    settleSchedules(dependencies).then(
      () => changes.recovered('schedules', 'the schedules of reconciliation are kept again'),
      (error: unknown) => void changes.failed('schedules', { err: error }, 'the schedules of reconciliation could not be kept; it is tried again'),
    );
  const repeated = atIntervals(look, lookEvery);
  repeated.now();
  return repeated;
}

/** Makes schedules by the configuration. Several workers may do it at once. */
export async function settleSchedules({ client, configuration }: Pick<ScheduleDependencies, 'client' | 'configuration'>): Promise<void> {
  const wanted = Object.values(configuration.targets).map((target) => ({ target: target.name, ...reconciliationOf(target) }));
  for (const one of wanted) await settle(client, one);
  const ids = new Set(wanted.map(({ target }) => reconciliationScheduleId(target)));
  for await (const { scheduleId } of client.schedule.list()) {
    if (!scheduleId.startsWith(reconciliationScheduleId('')) || ids.has(scheduleId)) continue;
    await client.schedule.getHandle(scheduleId).delete().catch(unlessGone);
  }
}

/** When a target is read. */
interface Wanted {
  readonly target: string;
  /** Milliseconds; `null`: only on request. */
  readonly every: number | null;
  readonly quietHours: QuietHours | null;
}

async function settle(client: Client, wanted: Wanted): Promise<void> {
  const handle = client.schedule.getHandle(reconciliationScheduleId(wanted.target));
  const known = await handle.describe().catch(unlessGone);
  if (known === null) return create(client, wanted);
  const { every, offset, isPaused } = timing(wanted);
  const note = noteOf(wanted);
  if (known.spec.intervals?.[0]?.every === every && known.state.paused === isPaused && known.state.note === note) return;
  await handle.update((before: ScheduleDescription) => ({
    ...before,
    action: actionOf(wanted.target),
    spec: { intervals: [{ every, offset }], ...(known.spec.startAt === undefined ? {} : { startAt: known.spec.startAt }) },
    state: { ...before.state, paused: isPaused, note },
  }));
}

async function create(client: Client, wanted: Wanted): Promise<void> {
  const { every, offset, isPaused } = timing(wanted);
  await client.schedule
    .create({
      scheduleId: reconciliationScheduleId(wanted.target),
      spec: { intervals: [{ every, offset }], startAt: new Date(Date.now() + Math.min(every, firstAfter)) },
      action: actionOf(wanted.target),
      // One run of a target at a time; a run that was missed while Temporal was away is made up for.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 day' },
      state: { paused: isPaused, note: noteOf(wanted) },
    })
    .catch((error: unknown) => {
      // Another worker was faster.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    });
}

/**
 * Note of a schedule, as the Temporal UI shows it. A run that is due in quiet hours is postponed to their end by its workflow: left out by the
 * schedule, a daily one would never come.
 */
function noteOf({ quietHours }: Wanted): string {
  const kept = 'Kept by Tenure: targets.<name>.reconciliation in tenure.yaml';
  if (quietHours === null) return kept;
  const { from, to, days, timeZone } = quietHours;
  return `${kept}. Quiet hours: ${from} to ${to} (${timeZone}), ${days.length === WEEKDAYS.length ? 'every day' : days.join(', ')}`;
}

function actionOf(target: string) {
  return {
    type: 'startWorkflow',
    workflowType: reconcileTargetType,
    workflowId: reconciliationScheduleId(target),
    taskQueue: livesQueue,
    args: [{ target }],
    staticSummary: `Reconciliation of ${target}`,
    staticDetails: 'Reads the whole target, evaluates whether it was read completely, and finds what nothing justifies there. Writes nothing in the target.',
  } as const;
}

/** Each target has its own hour, so that not all are read at midnight. */
function timing({ target, every }: Wanted): { readonly every: number; readonly offset: number; readonly isPaused: boolean } {
  const interval = Math.max(1000, Math.floor((every ?? never) / 1000) * 1000);
  const share = createHash('sha256').update(target).digest().readUInt32BE(0) / 2 ** 32;
  return { every: interval, offset: Math.floor((share * interval) / 1000) * 1000, isPaused: every === null };
}

function unlessGone(error: unknown): null {
  if (error instanceof ScheduleNotFoundError) return null;
  throw error;
}
