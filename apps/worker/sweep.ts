import { askAboutTokens } from '@tenure/engine/tokens';
import { type Configuration, readRetention } from '@tenure/config';
import { type Store, type Timed, timerAllowance } from '@tenure/store';
import { logChanges, withCorrelation } from '@tenure/telemetry';
import { atIntervals, type Repeated } from './at-intervals.ts';
import { expireRows } from './expire-rows.ts';
import { settleGroupDoubts } from './group-lease.ts';
import { restartStalled } from './restart-stalled.ts';
import { type BatchSweepDependencies, sweepBatches } from './sweep-batches.ts';

/** Milliseconds between sweeps. */
const every = 60_000;

export interface SweepDependencies extends BatchSweepDependencies {
  readonly configuration: Pick<Configuration, 'retention' | 'targets'>;
  readonly onMissed?: (missed: Missed) => void;
  /** Lives that had lost their wake-up. */
  readonly onStalled?: (count: number) => void;
  /** Rows that were deleted because their time is over, by `EXPIRING_ROWS`. */
  readonly onExpired?: (name: string, count: number) => void;
}

/** Number of each that were overdue though their timers should have woken them, and have been woken now. */
export type Missed = Readonly<Record<Timed, number>>;

/** At most, of each, in one sweep. */
const batch = 500;

const nothing: Missed = { life: 0, request: 0, case: 0, hold: 0 };

/**
 * The second net: wakes whatever sleeps until an instant that has passed without its timer.
 * Whatever waits for an instant keeps it in PostgreSQL, so one look finds all kinds of bounds. One worker looks at a time, and whoever has a
 * wake-up in the outbox already gets no second one: while Temporal is away they stay overdue.
 */
export async function sweep(store: Store, now: string): Promise<Missed> {
  const context = { actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now } as const;
  const before = new Date(Date.parse(now) - timerAllowance).toISOString();
  return store.transaction(context, async (tx) => {
    if (!(await tx.upkeep.takeTurn())) return nothing;
    await tx.notifications.addComing();
    const message = { correlationId: 'sweep', createdAt: now };
    const timer = { ...message, trigger: 'timer' } as const;
    const life = await tx.outbox.addMissing(named(await tx.identities.overdue(before, batch)), { ...timer, urgent: false });
    // Who began to answer for somebody in the moment in which they left.
    await tx.outbox.addMissing(named(await tx.sponsorships.orphaned(batch)), { ...message, trigger: 'restart', urgent: false });
    // Whoever had the value may have given it up in the moment in which it was asked for.
    for (const identityId of await tx.access.recallAllTaken(now, batch)) await tx.outbox.add({ ...message, identityId, trigger: 'restart', urgent: false });
    // A target may not refuse it any more: one account shows that for all.
    for (const identityId of await tx.sharedRefusals.recallOneOfEach(now, batch))
      await tx.outbox.add({ ...message, identityId, trigger: 'restart', urgent: false });
    await settleGroupDoubts(tx);
    await askAboutTokens(tx);
    const requests = (await tx.requests.overdue(before, batch)).map(({ id, identityId }) => ({ identityId, requestId: id }));
    const request = await tx.outbox.addMissing(requests, { ...timer, urgent: false });
    return { life, request, case: await tx.cases.signalOverdueAgain(before), hold: await tx.suspensions.signalOverdueAgain(before) };
  });
}

function named(ids: readonly string[]): readonly { readonly identityId: string }[] {
  return ids.map((identityId) => ({ identityId }));
}

/**
 * Sweeps every minute. What it wakes is counted, in the log and as `tenure_timers_missed_total`, `tenure_stalled_lives_total` and
 * `tenure_batches_stopped_total`: these numbers are zero, or something is broken. What it deletes is counted as `tenure_expired_rows_total`.
 */
export function startSweep(dependencies: SweepDependencies): Pick<Repeated, 'stop' | 'underWay'> {
  const { store, clock, logger, configuration, onMissed, onStalled, onExpired } = dependencies;
  const changes = logChanges(logger);
  const look = async (): Promise<void> => {
    const missed = await sweep(store, clock());
    const stalled = await restartStalled(store, Object.keys(configuration.targets), clock());
    await lookForBatches();
    await expireRows(store, configuration.retention ?? readRetention(), clock(), onExpired);
    changes.recovered('sweep', 'the sweep works again');
    if (stalled.length > 0) {
      onStalled?.(stalled.length);
      logger.error(
        { stalled: stalled.length, identities: stalled.slice(0, 10) },
        'identity lifecycles had unconfirmed accounts and no wake-up; they are evaluated again',
      );
    }
    if (Object.values(missed).every((count) => count === 0)) return;
    onMissed?.(missed);
    logger.warn({ missed }, 'timers were late; the sweep signalled their workflows');
  };
  const lookForBatches = (): Promise<unknown> =>
    // Temporal may be away: then the rest of the sweep counts all the same, and this is looked at in the next one.
    sweepBatches(dependencies).then(
      () => changes.recovered('batches', 'Temporal shows the running workflows of batch changes again'),
      (error: unknown) => changes.failed('batches', { err: error }, 'Temporal did not show the workflows of batch changes; the next sweep asks again'),
    );
  const failed = (error: unknown): void => void changes.failed('sweep', { err: error }, 'the sweep failed and is tried again');
  return atIntervals(() => withCorrelation('sweep', look).catch(failed), every);
}
