import { endIgnoring } from '@tenure/engine/corrections';
import type { Engine } from '@tenure/engine/decide';
import { tendLogoutCases } from '@tenure/engine/logouts';
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
  readonly configuration: Pick<Configuration, 'retention' | 'targets' | 'applications'>;
  readonly engine: Engine;
  readonly onMissed?: (missed: Missed) => void;
  /** Called with the number of stalled identity lifecycles, which had lost their wake-up. */
  readonly onStalled?: (count: number) => void;
  /** Called with the number of rows that were deleted because they expired, by `EXPIRING_ROWS`. */
  readonly onExpired?: (name: string, count: number) => void;
}

/** Number of each kind that were overdue though their timers should have woken them, and have been woken now. */
export type Missed = Readonly<Record<Timed, number>>;

/** Maximum number of each kind in one sweep. */
const batch = 500;

const nothing: Missed = { life: 0, request: 0, case: 0, hold: 0 };

/**
 * Wakes everything that sleeps until an instant that has passed without its timer, as the second safety net. Every such instant is stored in
 * PostgreSQL, so one look finds all kinds of bounds. One worker looks at a time, and nothing that has a wake-up in the outbox already gets a second
 * one: while Temporal is away, they stay overdue.
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
    // People who became somebody's sponsor at the moment at which they left.
    await tx.outbox.addMissing(named(await tx.sponsorships.orphaned(batch)), { ...message, trigger: 'restart', urgent: false });
    // The previous holder of a value may have released it at the moment at which it was requested.
    for (const identityId of await tx.access.recallAllTaken(now, batch)) await tx.outbox.add({ ...message, identityId, trigger: 'restart', urgent: false });
    // A target may not refuse it any more: one account proves that for all.
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
 * Sweeps every minute. Woken workflows are counted, in the log and as `tenure_timers_missed_total`, `tenure_stalled_lives_total` and
 * `tenure_batches_stopped_total`: these numbers are zero, or something is broken. Deleted rows are counted as `tenure_expired_rows_total`.
 */
export function startSweep(dependencies: SweepDependencies): Pick<Repeated, 'stop' | 'underWay'> {
  const { store, engine, clock, logger, configuration, onMissed, onStalled, onExpired } = dependencies;
  const changes = logChanges(logger);
  const look = async (): Promise<void> => {
    const missed = await sweep(store, clock());
    const stalled = await restartStalled(store, Object.keys(configuration.targets), clock());
    const applications = Object.keys(configuration.applications);
    await store.transaction({ actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now: clock() }, async (tx) => {
      await endIgnoring(tx, engine);
      await tendLogoutCases(tx, engine, applications);
    });
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
    // Temporal may be away: then the rest of the sweep still counts, and this is repeated in the next one.
    sweepBatches(dependencies).then(
      () => changes.recovered('batches', 'Temporal shows the running workflows of batch changes again'),
      (error: unknown) => changes.failed('batches', { err: error }, 'Temporal did not show the workflows of batch changes; the next sweep asks again'),
    );
  const failed = (error: unknown): void => void changes.failed('sweep', { err: error }, 'the sweep failed and is tried again');
  return atIntervals(() => withCorrelation('sweep', look).catch(failed), every);
}
