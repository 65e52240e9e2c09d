import { type Store, timerAllowance } from '@tenure/store';
import { withCorrelation } from '@tenure/telemetry';
import type { Logger } from 'pino';

/** Milliseconds between sweeps. */
const every = 60_000;

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
      const ids = await tx.identities.overdue(before, 500);
      for (const identityId of ids) await tx.outbox.add({ identityId, trigger: 'timer', urgent: true, correlationId: 'sweep', createdAt: now });
      const requests = await tx.requests.overdue(before, 500);
      for (const { id, identityId } of requests)
        await tx.outbox.add({ identityId, requestId: id, trigger: 'timer', urgent: false, correlationId: 'sweep', createdAt: now });
      return ids.length + requests.length + (await tx.cases.untellOverdue(before));
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
