import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type Store, timerAllowance } from '@tenure/store';
import { waveWorkflowId } from '@tenure/workflows/messages';
import type { Logger } from 'pino';

/** Maximum number in one sweep; the oldest come first. */
const batch = 500;

export interface BatchSweepDependencies {
  readonly store: Store;
  readonly client: Pick<Client, 'workflow'>;
  readonly clock: () => string;
  readonly logger: Logger;
  /** Batch changes without a running workflow. */
  readonly onStopped?: (count: number) => void;
}

/**
 * Finds batch changes that were approved, or needed no approval, that were handed to Temporal and are not finished though no workflow runs for them.
 * The dispatcher starts them again; they are logged and counted.
 * @returns their ids
 */
export async function sweepBatches({ store, client, clock, logger, onStopped }: BatchSweepDependencies): Promise<readonly string[]> {
  const now = clock();
  const before = new Date(Date.parse(now) - timerAllowance).toISOString();
  const underWay = await store.read((tx) => tx.batchRuns.underWay(before, batch));
  const stopped: string[] = [];
  for (const wave of underWay) {
    if (await isRunning(client, wave.id)) continue;
    const context = { actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now } as const;
    // Another worker's sweep may have seen it too: it counts once.
    if (await store.transaction(context, (tx) => tx.batchRuns.startAgain(wave))) stopped.push(wave.id);
  }
  if (stopped.length > 0) {
    onStopped?.(stopped.length);
    logger.error({ batches: stopped }, 'approved batch changes were not finished and had no running workflow; they are started again');
  }
  return stopped;
}

async function isRunning(client: Pick<Client, 'workflow'>, batchId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(waveWorkflowId(batchId)).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
