import type { Activities, ConcludedRun } from '@tenure/activities';
import { ActivityFailure, isCancellation, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { ReconcileTargetInput } from './messages.ts';
import { reconciliationQueue } from './queues.ts';

const retry = { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' } as const;

const { beginReconciliation, concludeReconciliation } = proxyActivities<Activities>({
  taskQueue: reconciliationQueue,
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '15 seconds',
  retry,
  summary: 'Evaluate what was read of the target, and compare it with what is desired there',
});

const { readAccounts } = proxyActivities<Activities>({
  taskQueue: reconciliationQueue,
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '15 seconds',
  // A target that is away for longer is read again when it works again.
  retry: { ...retry, maximumAttempts: 8 },
  summary: 'Read the next pages of accounts',
});

/**
 * Workflow of one run over a whole target: reads it page by page and draws conclusions, a minute at a time. The position is in PostgreSQL, so a lost
 * worker costs a page. It sleeps through quiet hours. It writes nothing in the target.
 * @returns `null`: the run is postponed to the end of quiet hours
 */
export async function reconcileTarget({ target }: ReconcileTargetInput): Promise<ConcludedRun | null> {
  const correlationId = `reconciliation-${workflowInfo().runId}`;
  const { runId, postponedUntil } = await beginReconciliation({ target, correlationId });
  if (runId === null) {
    setCurrentDetails(`It is postponed to the end of the quiet hours of ${target}${postponedUntil === undefined ? '' : `, ${postponedUntil}`}.`);
    return null;
  }
  try {
    for (let isRead = false; !isRead; ) {
      const read = await readAccounts({ target, runId, correlationId });
      isRead = read.isRead;
      const { pauseFor = 0 } = read;
      setCurrentDetails(`**${read.accounts}** accounts of ${target} are read.${pauseFor > 0 ? ' It pauses for quiet hours.' : ''}`);
      if (pauseFor > 0) await sleep(pauseFor);
    }
  } catch (error) {
    // The run has stored the error, and the accounts that were read until then are still useful.
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
  }
  let concluded: ConcludedRun;
  do {
    concluded = await concludeReconciliation({ target, runId, correlationId });
    describe(target, concluded);
  } while (concluded.verdict === null);
  return concluded;
}

function describe(target: string, { verdict, reasons, accounts, found, opened, closed, unproven }: ConcludedRun): void {
  if (verdict === null) {
    setCurrentDetails(`**${accounts}** accounts of ${target} are read, and are being compared.`);
    return;
  }
  const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  setCurrentDetails(
    [
      `**${accounts}** accounts of ${target} were read: ${verdict}${why}.`,
      `${found} findings, ${opened} of them new; ${closed} were closed, ${unproven} differences could not be proved.`,
    ].join('\n\n'),
  );
}
