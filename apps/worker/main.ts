import { Runtime } from '@temporalio/worker';
import { createLoop } from '@tenure/engine/decide';
import { loadConfiguration, processSettings } from '@tenure/config';
import { createConnector } from '@tenure/connectors';
import { DomainError } from '@tenure/domain';
import { createVault, mustBeMigrated, openStore } from '@tenure/store';
import { livesQueue } from '@tenure/workflows/queues';
import {
  collectGarbage,
  currentTraceparent,
  endInTime,
  endOnUncaught,
  followTemporal,
  logOptions,
  openTracing,
  watchClocks,
  watchParts,
} from '@tenure/telemetry';
import { pino } from 'pino';
import { startAnchors } from './anchors.ts';
import { watchConnections, type WatchedConnections } from './connections.ts';
import { startDispatcher } from './dispatcher.ts';
import { failedBesideTemporal } from './failed-beside-temporal.ts';
import { createGroupLease } from './group-lease.ts';
import { listenFor } from './listen-for.ts';
import { startNotices } from './notices.ts';
import { openTemporal, wantedCluster } from './open-temporal.ts';
import { restartLives } from './restart-lives.ts';
import { observeTarget } from './observe-target.ts';
import { clocksOf } from './clocks.ts';
import { runWorkers } from './run-workers.ts';
import { startSweep } from './sweep.ts';
import { nativeLogging, temporalLogger } from './temporal-logger.ts';
import { createWorkerMetrics, meterOf } from './worker-metrics.ts';
import { watchCluster } from './watch-cluster.ts';
import { workerParts } from './worker-parts.ts';
import { serveWorkerProbes } from './worker-probes.ts';
import { workerReadiness } from './worker-readiness.ts';

const logger = pino({ name: 'worker', timestamp: pino.stdTimeFunctions.isoTime, ...logOptions });
endOnUncaught(logger);
/** Milliseconds that stopping may take: what is under way in targets gets ten seconds of them. */
const stopWithin = 25_000;

// Shutting down is ours: targets' turns are to end in order.
Runtime.install({ shutdownSignals: [], logger: temporalLogger(logger), telemetryOptions: nativeLogging });

try {
  await main();
} catch (error) {
  const isOurs = error instanceof DomainError;
  process.stderr.write(`${isOurs ? error.message : `The worker could not start: ${error instanceof Error ? error.message : String(error)}`}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const settings = processSettings(process.env);
  if (settings.databaseUrl === null || settings.temporal.address === null)
    throw new Error('DATABASE_URL and TEMPORAL_ADDRESS have to be set; npm start sets them for the embedded servers');
  const configuration = await loadConfiguration({ directory: settings.configurationDirectory, environment: process.env });
  const vault = createVault({ master: Buffer.from(settings.masterKey), audit: Buffer.from(settings.auditKey) });
  const clock = (): string => new Date().toISOString();
  const store = await openStore({ url: settings.databaseUrl, vault, poolSize: 20, traceparent: currentTraceparent });
  await mustBeMigrated(store);
  const tracing = await openTracing({ endpoint: settings.tracesEndpoint, service: 'tenure-worker' });
  const metrics = createWorkerMetrics(configuration, store, clock);
  const meter = meterOf(metrics, clock);
  const loop = createLoop({ configuration, meter });
  const published = await store.transaction({ actor: { kind: 'system', id: 'worker' }, correlationId: 'start', now: clock() }, (tx) => loop.startPolicy(tx));
  if (published.heldIn !== null)
    logger.warn(
      { policyVersion: published.version, waveId: published.heldIn },
      'the files of policy/ change more than the change budget allows: they wait for release',
    );
  else if (published.differs)
    logger.warn({ policyVersion: published.version }, 'the files of policy/ are not the current version: npm run policy -- plan shows what they would change');
  // The calls are told to what tests the connections, which needs them itself.
  let connections: WatchedConnections | null = null;
  const worked: WatchedConnections['worked'] = (target, well) => connections?.worked(target, well);
  const connectors = Object.fromEntries(
    Object.values(configuration.targets).map((target) => {
      const connector = createConnector(target, createGroupLease({ store, target: target.name, clock, logger }));
      return [target.name, observeTarget(target.name, target.kind, connector, metrics, tracing, worked)];
    }),
  );
  for (const { name, cleartext } of Object.values(configuration.targets))
    if (cleartext !== undefined) logger.warn({ target: name, cleartext }, `nothing is encrypted on the way to ${name}: ${cleartext}`);
  const { connection, cluster } = await openTemporal(settings.temporal, logger);
  const namespace = settings.temporal.namespace;
  const workers = await runWorkers({ store, loop, connectors, configuration, connection, namespace, clock, logger, meter, tracing });
  const checks = workerReadiness({ store, connection, wanted: wantedCluster(settings.temporal), workers });
  followTemporal(metrics, checks.temporal);
  const ending = endInTime({ logger, name: 'the worker', within: stopWithin, exit: (code) => process.exit(code), stop: () => stop() });
  const probes = await serveWorkerProbes({ host: settings.metrics.host, port: settings.metrics.workerPort, metrics, checks, failure: ending.reason, logger });
  const dispatcher = startDispatcher({ store, client: workers.client, clock, logger, tracing });
  const notices = startNotices({ store, loop, clock, logger, metrics });
  connections = watchConnections({ store, configuration, connectors, clock, logger });
  const watched = connections;
  const listeners = [
    await listenFor('tenure_connection', settings.databaseUrl, () => watched.nudge(), logger),
    await listenFor('tenure_outbox', settings.databaseUrl, () => dispatcher.nudge(), logger),
    await listenFor('tenure_notice', settings.databaseUrl, () => notices.nudge(), logger),
  ];
  const anchors = startAnchors({ store, configuration, file: settings.auditAnchors, clock, logger, metrics });
  const sweep = startSweep({
    store,
    client: workers.client,
    configuration,
    clock,
    logger,
    onMissed: metrics.timersMissed,
    onStopped: metrics.batchesStopped,
    onStalled: metrics.livesStalled,
    onExpired: metrics.rowsExpired,
  });
  const restart = async (): Promise<void> =>
    logger.info({ lives: await restartLives(store, workers.client) }, 'lives were started again, since the Temporal store is new');
  if (cluster.isNew || process.env['TENURE_RESTART_LIVES'] === 'true') await restart();
  logger.info(
    { ready: true, probes: probes.url, queue: livesQueue, targets: Object.keys(connectors), policyVersion: published.version },
    'the worker is ready',
  );
  setTimeout(collectGarbage, 5_000).unref();

  const failed = failedBesideTemporal(ending.failed, checks.temporal);
  const parts = watchParts({
    parts: workerParts(workers, {
      'handing on the outbox': dispatcher,
      notices,
      'tests of connections': watched,
      'the sweep': sweep,
      'anchors of the audit': anchors,
    }),
    failed: (reason) => void failed(reason),
    every: 1000,
  });
  const clocks = watchClocks({ clocks: clocksOf({ store, connection, namespace, workers }), metrics, logger, every: 60_000 });
  const watchedCluster = watchCluster({ connection, wanted: { ...wantedCluster(settings.temporal), retention: null }, logger, every: 60_000, onNew: restart });

  const stop = async (): Promise<void> => {
    watchedCluster.stop();
    parts.stop();
    clocks.stop();
    const swept = sweep.stop();
    await Promise.all(listeners.map((listener) => listener.stop()));
    await dispatcher.stop();
    workers.shutdown();
    await notices.stop();
    await watched.stop();
    await swept;
    // One that has failed has said so already.
    await workers.done.catch(() => undefined);
    await anchors.stop();
    await Promise.all(Object.values(connectors).map((connector) => connector.close()));
    await connection.close();
    await probes.close();
    await tracing.shutdown();
    await store.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ending.asked);
  await workers.done.catch((error: unknown) => failed('a worker of Temporal has failed', error));
}
