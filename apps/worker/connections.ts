import { hostname } from 'node:os';
import { checkDueConnections, followConnections, probesOf } from '@tenure/engine/connections';
import type { Configuration } from '@tenure/config';
import type { TargetConnector } from '@tenure/connectors';
import { failureOf } from '@tenure/domain';
import type { ConnectionName, Store, StoredConnection } from '@tenure/store';
import type { Logger } from 'pino';
import { keepLooking, type Looking } from './keep-looking.ts';

export interface ConnectionsDependencies {
  readonly store: Store;
  readonly configuration: Configuration;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  readonly clock: () => string;
  readonly logger: Logger;
}

export interface WatchedConnections extends Looking {
  /** Takes note of the result of work with a target: where its last test showed otherwise, it is tested again. */
  worked(target: string, well: boolean): void;
}

/** Milliseconds between looks for due tests. */
const lookEvery = 5_000;
/** Milliseconds between two doubts about one target. */
const doubtEvery = 10_000;

/**
 * Tests every target and identity provider: at start, at intervals, on request, and when work shows another result than the last test. Failures are
 * logged at start and whenever they change.
 */
export function watchConnections({ store, configuration, connectors, clock, logger }: ConnectionsDependencies): WatchedConnections {
  const probes = probesOf(configuration, connectors, clock);
  const tell = logChanges(logger);
  const failing = new Set<string>();
  const doubted = new Map<string, number>();
  let isFollowed = false;
  const looking = keepLooking({
    work: async () => {
      if (!isFollowed) await followConnections({ store, probes, clock });
      isFollowed = true;
      await checkDueConnections({
        store,
        probes,
        clock,
        worker: `${hostname()}/${process.pid}`,
        tested(connection) {
          if (connection.kind === 'target') failing[connection.isWorking === false ? 'add' : 'delete'](connection.name);
          tell(connection);
        },
        failed: (error, connection) => logger.error({ err: error, ...named(connection) }, 'a connection could not be tested'),
      });
      return false;
    },
    every: lookEvery,
    failed: (error, failures) => {
      if (failures === 1) logger.warn({ err: error }, 'connections could not be tested; it is tried again');
    },
    recovered: (failures) => logger.info({ failures }, 'connections are tested again'),
  });

  async function doubt(target: string, isWorking: boolean): Promise<void> {
    const now = clock();
    const context = { actor: { kind: 'system', id: 'connections' }, correlationId: 'connections', now } as const;
    await store.transaction(context, (tx) => tx.connections.doubt(target, isWorking, now));
    looking.nudge();
  }

  return {
    ...looking,
    worked(target, well) {
      if (well === !failing.has(target)) return;
      const at = Date.parse(clock());
      if (at - (doubted.get(target) ?? 0) < doubtEvery) return;
      doubted.set(target, at);
      if (well) failing.delete(target);
      else failing.add(target);
      doubt(target, !well).catch((error: unknown) => logger.warn({ err: error, target }, 'the test of a target could not be requested'));
    },
  };
}

/** Name of the connection that a line is about. */
function named({ kind, name }: ConnectionName): object {
  return { connection: kind, ...(kind === 'target' ? { target: name } : { provider: name }) };
}

/** Logs once that a connection fails, for each reason, and that it works again. */
function logChanges(logger: Logger): (connection: StoredConnection) => void {
  const told = new Map<string, string>();
  return ({ kind, name, result, since }) => {
    const key = `${kind}/${name}`;
    const failure = result === null ? null : failureOf(result);
    const before = told.get(key);
    if (failure === null) {
      if (told.delete(key)) logger.info(named({ kind, name }), `${kind} ${name} works again`);
    } else if (before !== failure.reason) {
      told.set(key, failure.reason);
      logger.warn({ ...named({ kind, name }), step: failure.step, reason: failure.reason, since }, `${kind} ${name} does not work: ${failure.message}`);
    }
  };
}
