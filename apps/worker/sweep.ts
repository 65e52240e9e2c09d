import { askAboutTokens } from '@tenure/activities';
import { type Store, type Timed, timerAllowance } from '@tenure/store';
import { withCorrelation } from '@tenure/telemetry';
import { settleGroupDoubts } from './group-lease.ts';
import { type BatchSweepDependencies, sweepBatches } from './sweep-batches.ts';

/** Milliseconds between sweeps. */
const every = 60_000;

/** Milliseconds that it is remembered who was told what: longer than any question waits, so that nothing is told twice. */
const keepNotices = 400 * 24 * 3_600_000;

/** Milliseconds that it is known who ended whom at once: longer than they are counted. */
const keepUrgentEnds = 24 * 3_600_000;
/** Milliseconds that the items of a batch change are kept once it was carried out or discarded, with what was before and after each. */
const keepItems = 400 * 24 * 3_600_000;
/** Items that one sweep deletes at most. */
const mostItems = 10_000;

/** Milliseconds that a link which is over is still known as one. */
const keepLinks = 30 * 24 * 3_600_000;

export interface SweepDependencies extends BatchSweepDependencies {
  readonly onMissed?: (missed: Missed) => void;
}

/** How many of each were overdue though their timers should have woken them. */
export type Missed = Readonly<Record<Timed, number>>;

/** At most, of each, in one sweep. */
const batch = 500;

/**
 * The second net: wakes whatever sleeps until an instant that has passed without its timer, and deletes what can no longer matter.
 * Whatever waits for an instant keeps it in PostgreSQL, so one look finds all kinds of bounds.
 */
export async function sweep(store: Store, now: string): Promise<Missed> {
  const context = { actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now } as const;
  const before = new Date(Date.parse(now) - timerAllowance).toISOString();
  return store.transaction(context, async (tx) => {
    await tx.sessions.sweep(now);
    await tx.notices.sweep(new Date(Date.parse(now) - keepNotices).toISOString());
    await tx.decisionLinks.sweep(new Date(Date.parse(now) - keepLinks).toISOString());
    await tx.loginLinks.sweep(new Date(Date.parse(now) - keepLinks).toISOString());
    await tx.batchItems.sweep(new Date(Date.parse(now) - keepItems).toISOString(), mostItems);
    await tx.notices.addComing();
    const message = { correlationId: 'sweep', createdAt: now };
    const lives = await tx.identities.overdue(before, batch);
    for (const identityId of lives) await tx.outbox.add({ ...message, identityId, trigger: 'timer', urgent: false });
    // Who began to answer for somebody in the moment in which they left.
    for (const identityId of await tx.sponsorships.orphaned(batch)) await tx.outbox.add({ ...message, identityId, trigger: 'restart', urgent: false });
    // Whoever had the value may have given it up in the moment in which it was asked for.
    for (const identityId of await tx.access.recallAllTaken(now, batch)) await tx.outbox.add({ ...message, identityId, trigger: 'restart', urgent: false });
    // A target may not refuse it any more: one account shows that for all.
    for (const identityId of await tx.sharedRefusals.recallOneOfEach(now, batch))
      await tx.outbox.add({ ...message, identityId, trigger: 'restart', urgent: false });
    await settleGroupDoubts(tx);
    await askAboutTokens(tx);
    await tx.urgentEnds.forget(new Date(Date.parse(now) - keepUrgentEnds).toISOString());
    const requests = await tx.requests.overdue(before, batch);
    for (const { id, identityId } of requests) await tx.outbox.add({ ...message, identityId, requestId: id, trigger: 'timer', urgent: false });
    return { life: lives.length, request: requests.length, case: await tx.cases.untellOverdue(before), hold: await tx.holds.untellOverdue(before) };
  });
}

/**
 * Sweeps every minute. What it wakes is counted, in the log and as `tenure_timers_missed_total` and `tenure_batches_stopped_total`: these
 * numbers are zero, or something is broken.
 */
export function startSweep(dependencies: SweepDependencies): { stop(): void } {
  const { store, clock, logger, onMissed } = dependencies;
  const look = async (): Promise<void> => {
    const missed = await sweep(store, clock());
    await lookForBatches();
    if (Object.values(missed).every((count) => count === 0)) return;
    onMissed?.(missed);
    logger.warn({ missed }, 'timers were late; what they were to wake has been woken by the sweep');
  };
  const lookForBatches = (): Promise<unknown> =>
    // Temporal may be away: then the rest of the sweep counts all the same, and this is looked at in the next one.
    sweepBatches(dependencies).catch((error: unknown) =>
      logger.warn({ err: error }, 'Temporal could not be asked for the workflows of batch changes; the next sweep asks again'),
    );
  const timer = setInterval(
    () => void withCorrelation('sweep', look).catch((error: unknown) => logger.warn({ err: error }, 'the sweep failed and is tried again')),
    every,
  );
  return { stop: () => clearInterval(timer) };
}
