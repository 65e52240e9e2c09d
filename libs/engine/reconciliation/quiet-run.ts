import { randomUUID } from 'node:crypto';
import { reconciliationOf, type TargetSettings } from '@tenure/config';
import { type Instant, quietUntil } from '@tenure/domain';
import type { ReconciliationRun, Transaction } from '@tenure/store';

/** Milliseconds after which a paused run looks again: quiet hours may have been changed, or a person may have requested a run. */
const LOOK_AGAIN = 300_000;

/**
 * Postpones the run that is about to begin to the end of the target's quiet hours.
 * @returns when it begins; `null`: now, since there are none or a person has requested it
 */
export async function postponeRun(tx: Transaction, settings: TargetSettings): Promise<Instant | null> {
  const { now } = tx.context;
  const until = quietUntil(now, reconciliationOf(settings).quietHours);
  if (until === null || !(await tx.reconciliationRuns.postpone(randomUUID(), settings.name, until, now))) return null;
  return until;
}

/** Milliseconds for which a run pauses before its next page; 0: it goes on, also where a person waits for the next run. */
export async function pauseOf(tx: Transaction, { target, trigger }: ReconciliationRun, settings: TargetSettings): Promise<number> {
  const { now } = tx.context;
  const until = trigger === 'request' ? null : quietUntil(now, reconciliationOf(settings).quietHours);
  if (until === null || (await tx.reconciliationRuns.isRequested(target))) return 0;
  return Math.min(LOOK_AGAIN, Date.parse(until) - Date.parse(now));
}
