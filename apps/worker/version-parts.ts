import { isDeepStrictEqual } from 'node:util';
import { type Activities, createActivities } from '@tenure/activities';
import type { VersionInUse } from '@tenure/engine/configuration';
import { createEngine, type Meter } from '@tenure/engine/decide';
import type { TargetSettings } from '@tenure/config';
import { createConnector, type TargetConnector } from '@tenure/connectors';
import type { Store } from '@tenure/store';
import type { Metrics, Tracing } from '@tenure/telemetry';
import type { Logger } from 'pino';
import type { Client } from '@temporalio/client';
import { startAnchors } from './anchors.ts';
import type { Repeated } from './at-intervals.ts';
import { watchConnections, type WatchedConnections } from './connections.ts';
import { createGroupLease } from './group-lease.ts';
import type { Looking } from './keep-looking.ts';
import { keepKeys } from './keep-keys.ts';
import { keepModes } from './keep-modes.ts';
import { keepSchedules } from './reconciliation-schedules.ts';
import { startNotifier } from './notifier.ts';
import { observeTarget } from './observe-target.ts';
import { inTemporal } from './run-workers.ts';
import { startSweep } from './sweep.ts';

export interface PartsDependencies {
  readonly store: Store;
  readonly clock: () => string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly meter: Meter;
  readonly tracing: Tracing;
  /** File of the audit's anchors; `null`: none. */
  readonly anchors: string | null;
  /** Called after calls to targets with whether the target gave an answer. */
  readonly worked: WatchedConnections['worked'];
}

/** All parts of a worker that use one configuration version. */
export interface VersionParts extends VersionInUse {
  readonly activities: Activities;
  readonly connectors: Readonly<Record<string, TargetConnector>>;
  /** Parts that poll for work; `null` until they are started. */
  looking(): LookingParts | null;
  start(client: Client): void;
  /** Lets the polling parts finish. */
  stop(): Promise<void>;
  /**
   * Closes the connections to targets, and anchors the audit.
   * @param next continues to use some of them: then work under way ends first. `null`: the worker has stopped
   */
  close(next: Pick<VersionParts, 'connectors'> | null): Promise<void>;
}

export interface LookingParts {
  readonly notices: Looking;
  readonly connections: WatchedConnections;
  readonly sweep: Pick<Repeated, 'stop' | 'underWay'>;
  readonly anchors: Pick<Repeated, 'stop' | 'underWay'>;
  readonly schedules: Pick<Repeated, 'stop' | 'underWay'>;
  readonly modes: Pick<Repeated, 'stop' | 'underWay'>;
  readonly keys: Pick<Repeated, 'stop' | 'underWay'>;
}

/** Makes the parts, and starts nothing. @param former remains in use where a target has not changed */
export function createVersionParts(dependencies: PartsDependencies, inUse: VersionInUse, former?: VersionParts): VersionParts {
  const { store, clock, logger, metrics, meter, tracing, worked } = dependencies;
  const { configuration, digest } = inUse;
  const engine = createEngine({ configuration, meter, keepsTo: digest });
  let looking: LookingParts | null = null;
  const connect = (target: TargetSettings): TargetConnector => {
    const kept = former?.connectors[target.name];
    if (kept !== undefined && isDeepStrictEqual(former?.configuration.targets[target.name], target)) return kept;
    const connector = createConnector(target, createGroupLease({ store, target: target.name, clock, logger }));
    return observeTarget(target.name, target.kind, connector, metrics, tracing, worked);
  };
  const connectors = Object.fromEntries(Object.values(configuration.targets).map((target) => [target.name, connect(target)]));
  for (const { name, cleartext } of Object.values(configuration.targets))
    if (cleartext !== undefined) logger.warn({ target: name, cleartext }, `the connection to ${name} is not encrypted: ${cleartext}`);
  let underWay = 0;
  let whenIdle: () => void = () => undefined;
  const activities = counted(createActivities({ store, engine, connectors, clock, meter, ...inTemporal }), (change) => {
    underWay += change;
    if (underWay === 0) whenIdle();
  });
  return {
    ...inUse,
    activities,
    connectors,
    looking: () => looking,
    start(client) {
      looking = {
        notices: startNotifier({ store, engine, clock, logger, metrics }),
        connections: watchConnections({ store, configuration, connectors, clock, logger }),
        anchors: startAnchors({ store, configuration, file: dependencies.anchors, clock, logger, metrics }),
        schedules: keepSchedules({ client, configuration, logger }),
        keys: keepKeys({ store, configuration, clock, logger, metrics }),
        modes: keepModes({ store, engine, connectors, clock, logger }),
        sweep: startSweep({
          store,
          client,
          configuration,
          engine,
          clock,
          logger,
          onMissed: metrics.timersMissed,
          onStopped: metrics.batchesStopped,
          onStalled: metrics.livesStalled,
          onExpired: metrics.rowsExpired,
        }),
      };
    },
    async stop() {
      const { sweep, notices, connections, schedules, modes, keys } = looking ?? {};
      await Promise.all([sweep, notices, connections, schedules, modes, keys].map((part) => part?.stop()));
    },
    async close(next) {
      if (next !== null && underWay > 0) await new Promise<void>((resolve) => (whenIdle = resolve));
      await looking?.anchors.stop();
      const kept = new Set(Object.values(next?.connectors ?? {}));
      await Promise.all(Object.values(connectors).map((connector) => (kept.has(connector) ? undefined : connector.close())));
    },
  };
}

/** The same activities, with a call of `told` for each that begins (1) and ends (-1). */
function counted(activities: Activities, told: (change: 1 | -1) => void): Activities {
  const count =
    (activity: (...input: never[]) => Promise<unknown>) =>
    async (...input: never[]): Promise<unknown> => {
      told(1);
      try {
        return await activity(...input);
      } finally {
        told(-1);
      }
    };
  return Object.fromEntries(Object.entries(activities).map(([name, activity]) => [name, count(activity)])) as unknown as Activities;
}
