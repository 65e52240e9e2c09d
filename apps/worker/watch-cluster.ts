import type { NativeConnection } from '@temporalio/worker';
import type { WantedCluster } from './cluster/look-at-cluster.ts';
import { type PreparedCluster, prepareCluster } from './cluster/prepare-cluster.ts';
import { logChanges } from '@tenure/telemetry';
import type { Logger } from 'pino';

export interface WatchedClusterSettings {
  readonly connection: Pick<NativeConnection, 'workflowService' | 'operatorService'>;
  readonly wanted: WantedCluster;
  readonly logger: Logger;
  /** Milliseconds between looks. */
  readonly every: number;
  /** Called when the cluster has lost its data and is prepared again: the workflows have to be started. */
  readonly onNew: () => Promise<void>;
}

/**
 * Detects that a cluster lost its store while workers run: everything that workflows need there is made again, except the namespace, without which
 * the worker ends.
 */
export function watchCluster({ connection, wanted, logger, every, onNew }: WatchedClusterSettings): { look(): Promise<void>; stop(): void } {
  const changes = logChanges(logger);
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    try {
      // A cluster that does not answer has other checks.
      const cluster = await prepareCluster(connection, wanted, { mayCreateNamespace: false }).catch(() => null);
      if (cluster !== null) await heed(cluster);
    } catch (err) {
      logger.error({ err }, 'workflows could not be started again after Temporal had lost its data: run npm run lifecycles:restart');
    } finally {
      isLooking = false;
    }
  };
  const heed = async ({ gaps, made, isNew }: PreparedCluster): Promise<void> => {
    for (const sentence of made) logger.warn({ namespace: wanted.namespace }, sentence);
    const stopping = gaps.filter(({ stopsLives }) => stopsLives).map(({ sentence }) => sentence);
    if (stopping.length > 0)
      changes.failed(
        'cluster',
        { gaps: stopping },
        'no workflow can start, since the Temporal namespace lacks what Tenure needs: run npm run temporal:prepare',
        'error',
      );
    else changes.recovered('cluster', 'the Temporal namespace has what Tenure needs');
    if (isNew) await onNew();
  };
  const timer = setInterval(() => void look(), every);
  return { look, stop: () => clearInterval(timer) };
}
