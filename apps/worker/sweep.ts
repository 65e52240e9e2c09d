import { type Store, timerAllowance } from '@tenure/store';
import { withCorrelation } from '@tenure/telemetry';
import type { Logger } from 'pino';

/** Milliseconds between sweeps. */
const every = 60_000;

/** Milliseconds that it is remembered who was told what: longer than any question waits, so that nothing is told twice. */
const keepNotices = 400 * 24 * 3_600_000;

/** Milliseconds that a link which is over is still known as one. */
const keepLinks = 30 * 24 * 3_600_000;

export interface SweepDependencies {
  readonly store: Store;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly onMissed?: (count: number) => void;
}

/**
 * The second net: wakes lives whose instant has passed without their timer, and deletes what can no longer matter. What it
 * wakes is counted, in the log and as `tenure_timers_missed_total`: that number is zero, or something is broken.
 */
export function startSweep({ store, clock, logger, onMissed }: SweepDependencies): { stop(): void } {
  const sweep = async (): Promise<void> => {
    const now = clock();
    const context = { actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now } as const;
    const before = new Date(Date.parse(now) - timerAllowance).toISOString();
    const overdue = await store.transaction(context, async (tx) => {
      await tx.sessions.sweep(now);
      await tx.notices.sweep(new Date(Date.parse(now) - keepNotices).toISOString());
      await tx.decisionLinks.sweep(new Date(Date.parse(now) - keepLinks).toISOString());
      await tx.notices.addComing();
      const ids = await tx.identities.overdue(before, 500);
      for (const identityId of ids) await tx.outbox.add({ identityId, trigger: 'timer', urgent: true, correlationId: 'sweep', createdAt: now });
      // Who began to answer for somebody in the moment in which they left.
      for (const identityId of await tx.sponsorships.orphaned(500))
        await tx.outbox.add({ identityId, trigger: 'restart', urgent: false, correlationId: 'sweep', createdAt: now });
      const requests = await tx.requests.overdue(before, 500);
      for (const { id, identityId } of requests)
        await tx.outbox.add({ identityId, requestId: id, trigger: 'timer', urgent: false, correlationId: 'sweep', createdAt: now });
      return ids.length + requests.length + (await tx.cases.untellOverdue(before)) + (await tx.holds.untellOverdue(before));
    });
    if (overdue === 0) return;
    onMissed?.(overdue);
    logger.warn({ overdue }, 'timers were late; their lives have been woken by the sweep');
  };
  const timer = setInterval(
    () => void withCorrelation('sweep', sweep).catch((error: unknown) => logger.warn({ err: error }, 'the sweep failed and is tried again')),
    every,
  );
  return { stop: () => clearInterval(timer) };
}
