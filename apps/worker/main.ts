import { Runtime } from '@temporalio/worker';
import { readStartFiles, startVersion, logStarted } from '@tenure/engine/configuration';
import { processSettings } from '@tenure/config';
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
import { startDispatcher } from './dispatcher.ts';
import { failedBesideTemporal } from './failed-beside-temporal.ts';
import { listenFor } from './listen-for.ts';
import { openTemporal, wantedCluster } from './open-temporal.ts';
import { restartLives } from './restart-lives.ts';
import { clocksOf } from './clocks.ts';
import { runWorkers } from './run-workers.ts';
import { nativeLogging, temporalLogger } from './temporal-logger.ts';
import { createWorkerMetrics, meterOf } from './worker-metrics.ts';
import { watchCluster } from './watch-cluster.ts';
import { workVersions } from './work-versions.ts';
import { workerParts } from './worker-parts.ts';
import { serveWorkerProbes } from './worker-probes.ts';
import { workerReadiness } from './worker-readiness.ts';

const logger = pino({ name: 'worker', timestamp: pino.stdTimeFunctions.isoTime, ...logOptions });
endOnUncaught(logger);
/** Milliseconds that stopping may take: work under way in targets gets ten seconds of them. */
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
  const place = { directory: settings.configurationDirectory, environment: process.env };
  const files = await readStartFiles(place);
  const vault = createVault({ master: Buffer.from(settings.masterKey), audit: Buffer.from(settings.auditKey) });
  const clock = (): string => new Date().toISOString();
  const store = await openStore({ url: settings.databaseUrl, vault, poolSize: 20, traceparent: currentTraceparent });
  await mustBeMigrated(store);
  const tracing = await openTracing({ endpoint: settings.tracesEndpoint, service: 'tenure-worker' });
  const first = await startVersion(store, place, files, { actor: { kind: 'system', id: 'worker' }, correlationId: 'start', now: clock() });
  logStarted(logger, first);
  const metrics = createWorkerMetrics(first.configuration, store, clock);
  const meter = meterOf(metrics, clock);
  const worked = workVersions({ store, clock, logger, metrics, meter, tracing, anchors: settings.auditAnchors }, place, first);
  const { connection, cluster } = await openTemporal(settings.temporal, logger);
  const namespace = settings.temporal.namespace;
  const workers = await runWorkers({ activities: worked.activities, configuration: first.configuration, connection, namespace, logger, tracing });
  // Evaluated each time: queues of targets are added and removed.
  const checks = (): ReturnType<typeof workerReadiness> => workerReadiness({ store, connection, wanted: wantedCluster(settings.temporal), workers });
  const { temporal } = checks();
  followTemporal(metrics, temporal);
  const ending = endInTime({ logger, name: 'the worker', within: stopWithin, exit: (code) => process.exit(code), stop: () => stop() });
  const probes = await serveWorkerProbes({
    host: settings.metrics.host,
    port: settings.metrics.workerPort,
    metrics,
    checks,
    versions: worked.versions,
    failure: ending.reason,
    logger,
  });
  const dispatcher = startDispatcher({ store, client: workers.client, clock, logger, tracing });
  await worked.start(workers, settings.databaseUrl);
  const listeners = [
    await listenFor('tenure_connection', settings.databaseUrl, () => worked.looking()?.connections.nudge(), logger),
    await listenFor('tenure_outbox', settings.databaseUrl, () => dispatcher.nudge(), logger),
    await listenFor('tenure_logout', settings.databaseUrl, () => worked.looking()?.logouts.nudge(), logger),
    await listenFor('tenure_notice', settings.databaseUrl, () => worked.looking()?.notices.nudge(), logger),
  ];
  const restart = async (): Promise<void> =>
    logger.info({ lives: await restartLives(store, workers.client) }, 'workflows were started again, since the Temporal store is new');
  if (cluster.isNew || process.env['TENURE_RESTART_LIVES'] === 'true') await restart();
  logger.info(
    { ready: true, probes: probes.url, queue: livesQueue, targets: Object.keys(worked.configuration().targets), policyVersion: first.version },
    'the worker is ready',
  );
  setTimeout(collectGarbage, 5_000).unref();

  const failed = failedBesideTemporal(ending.failed, temporal);
  const parts = watchParts({
    parts: () => {
      const looking = worked.looking();
      return workerParts(workers, {
        'delivery of the outbox': dispatcher,
        ...(looking && {
          notices: looking.notices,
          'notifications of logout': looking.logouts,
          'tests of connections': looking.connections,
          'the sweep': looking.sweep,
          'anchors of the audit': looking.anchors,
          'schedules of reconciliation': looking.schedules,
          'modes of targets': looking.modes,
        }),
      });
    },
    failed: (reason) => void failed(reason),
    every: 1000,
  });
  const clocks = watchClocks({ clocks: clocksOf({ store, connection, namespace, workers }), metrics, logger, every: 60_000 });
  const watchedCluster = watchCluster({ connection, wanted: { ...wantedCluster(settings.temporal), retention: null }, logger, every: 60_000, onNew: restart });

  const stop = async (): Promise<void> => {
    watchedCluster.stop();
    parts.stop();
    clocks.stop();
    const looked = worked.stop();
    await Promise.all(listeners.map((listener) => listener.stop()));
    await dispatcher.stop();
    workers.shutdown();
    await looked;
    // One that has failed has logged it already.
    await workers.done.catch(() => undefined);
    await worked.close();
    await connection.close();
    await probes.close();
    await tracing.shutdown();
    await store.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ending.asked);
  await workers.done.catch((error: unknown) => failed('a worker of Temporal has failed', error));
}
