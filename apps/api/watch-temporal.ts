import type { Connection } from '@temporalio/client';
import { lookAtCluster, unreachableCluster, type WantedCluster } from '@tenure/activities';
import type { TemporalConnection } from '@tenure/config';
import { logChanges } from '@tenure/telemetry';
import type { Logger } from 'pino';

export interface WatchedTemporalSettings {
  readonly connection: Connection;
  /** What `connection` is opened with. */
  readonly options: TemporalConnection;
  readonly wanted: WantedCluster;
  readonly logger: Logger;
  /** Milliseconds between looks. */
  readonly every: number;
}

/** Milliseconds for one look. */
const patience = 10_000;

/** Says in the log what approvals would fail of, once when it begins and once when it is over. Logins and records need no Temporal, so the API stays ready. */
export function watchTemporal({ connection, options, wanted, logger, every }: WatchedTemporalSettings): { look(): Promise<void>; stop(): void } {
  const changes = logChanges(logger);
  const trouble = async (): Promise<readonly string[]> => {
    try {
      const { gaps } = await connection.withDeadline(Date.now() + patience, () => lookAtCluster(connection, wanted));
      return gaps.filter(({ stopsLives }) => stopsLives).map(({ sentence }) => sentence);
    } catch (error) {
      return [(await unreachableCluster(options, error)).message];
    }
  };
  const look = async (): Promise<void> => {
    const missing = await trouble();
    if (missing.length === 0) changes.recovered('temporal', 'Temporal has what approvals need');
    else changes.failed('temporal', { missing }, 'approvals wait, since Temporal lacks what they need: npm run temporal:prepare makes what is missing');
  };
  const timer = setInterval(() => void look(), every);
  void look();
  return { look, stop: () => clearInterval(timer) };
}
