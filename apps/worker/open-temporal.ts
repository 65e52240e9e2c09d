import { NativeConnection } from '@temporalio/worker';
import type { WantedCluster } from './cluster/look-at-cluster.ts';
import { type PreparedCluster, prepareCluster } from './cluster/prepare-cluster.ts';
import { unreachableCluster } from './cluster/unreachable-cluster.ts';
import { temporalConnection, type TemporalSettings } from '@tenure/config';
import type { Logger } from 'pino';

export interface OpenedTemporal {
  readonly connection: NativeConnection;
  readonly cluster: PreparedCluster;
}

/** Required state of a cluster, by the settings of a process. */
export function wantedCluster({ address, namespace, retention }: TemporalSettings): WantedCluster {
  return { address: address ?? '', namespace, retention };
}

/**
 * Opens the worker's connection to Temporal and prepares the cluster for the workflows.
 * @throws Error with the reason why there is no connection, or everything that is missing there and who can make it
 */
export async function openTemporal(settings: TemporalSettings, logger: Pick<Logger, 'info' | 'warn'>): Promise<OpenedTemporal> {
  const options = temporalConnection(settings);
  const connection = await NativeConnection.connect(options).catch(async (error: unknown) => {
    throw await unreachableCluster(options, error);
  });
  const cluster = await prepareCluster(connection, wantedCluster(settings), { mayCreateNamespace: true });
  for (const sentence of cluster.made) logger.info({ namespace: settings.namespace }, sentence);
  const stopping = cluster.gaps.filter(({ stopsLives }) => stopsLives);
  for (const { sentence, stopsLives } of cluster.gaps) if (!stopsLives) logger.warn({ namespace: settings.namespace }, sentence);
  if (stopping.length === 0) return { connection, cluster };
  await connection.close();
  throw new Error(stopping.map(({ sentence }) => sentence).join('\n'));
}
