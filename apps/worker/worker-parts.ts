import type { PartCheck } from '@tenure/telemetry';
import type { Looking } from './keep-looking.ts';
import type { RunningWorkers } from './run-workers.ts';

/** Milliseconds after which a look counts as one that never returns: everything that it waits for has far shorter timeouts. */
const tooLong = 600_000;

/**
 * Parts of the worker that may fail for good while the process runs. Temporal's workers do so when Temporal refuses polls, as after its store was
 * lost: they stop polling, and report nothing before their work under way has ended, which may be never.
 */
export function workerParts(
  { queues }: Pick<RunningWorkers, 'queues'>,
  looking: Readonly<Record<string, Pick<Looking, 'underWay'>>>,
): Readonly<Record<string, PartCheck>> {
  const ofQueues = Object.entries(queues).map(([queue, worker]): [string, PartCheck] => [
    `queue ${queue}`,
    () => {
      const { runState, workflowPollerState, activityPollerState } = worker.getStatus();
      if (runState === 'FAILED' || runState === 'STOPPED') return `its worker has ${runState === 'FAILED' ? 'failed' : 'stopped'}`;
      return [workflowPollerState, activityPollerState].includes('FAILED') ? 'its worker polls no longer' : null;
    },
  ]);
  const ofLooks = Object.entries(looking).map(([name, { underWay }]): [string, PartCheck] => [
    name,
    () => (underWay() > tooLong ? `one look has taken ${Math.round(underWay() / 60_000)} minutes and does not come back` : null),
  ]);
  return Object.fromEntries([...ofQueues, ...ofLooks]);
}
