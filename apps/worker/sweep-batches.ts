import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type Store, timerAllowance } from '@tenure/store';
import { waveWorkflowId } from '@tenure/workflows/messages';

/** At most in one sweep; the oldest come first. */
const batch = 500;

/**
 * Finds batch changes that were approved, or needed no approval, that Temporal was told of and that are not finished though no workflow
 * runs for them; the dispatcher starts them again.
 * @returns their ids
 */
export async function sweepBatches(store: Store, client: Pick<Client, 'workflow'>, now: string): Promise<readonly string[]> {
  const before = new Date(Date.parse(now) - timerAllowance).toISOString();
  const underWay = await store.read((tx) => tx.waves.underWay(before, batch));
  const stopped: string[] = [];
  for (const wave of underWay) {
    if (await isRunning(client, wave.id)) continue;
    const context = { actor: { kind: 'system', id: 'sweep' }, correlationId: 'sweep', now } as const;
    // Another worker's sweep may have seen it too: it counts once.
    if (await store.transaction(context, (tx) => tx.waves.startAgain(wave))) stopped.push(wave.id);
  }
  return stopped;
}

async function isRunning(client: Pick<Client, 'workflow'>, waveId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(waveWorkflowId(waveId)).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
