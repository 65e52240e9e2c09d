import { readStartFiles, startVersion, logStarted } from '@tenure/engine/configuration';
import { type ProcessSettings, processSettings } from '@tenure/config';
import { ConfigurationInvalid, DomainError } from '@tenure/domain';
import { createVault, followChanges, mustBeMigrated, openStore } from '@tenure/store';
import {
  clockOf,
  collectGarbage,
  createMetrics,
  currentTraceparent,
  endInTime,
  endOnUncaught,
  logOptions,
  type Metrics,
  openTracing,
  type ProbeServer,
  serveProbes,
  watchClocks,
} from '@tenure/telemetry';
import { type Logger, pino } from 'pino';
import { anchorAtStop } from './server/anchor-at-stop.ts';
import { logFailingConnections } from './server/log-failing-connections.ts';
import { namesOf, serveVersions } from './server/serve-versions.ts';

/** Milliseconds for which a request waits for a database that restarts; callers and proxies often time out after thirty seconds. */
const databasePatience = 15_000;
/** Milliseconds that stopping may take: requests under way get them to finish. */
const patience = 10_000;

const logger = pino({ name: 'api', timestamp: pino.stdTimeFunctions.isoTime, ...logOptions });
endOnUncaught(logger);

try {
  await main(process.env, logger);
} catch (error) {
  process.stderr.write(`${sentence(error)}\n`);
  process.exit(1);
}

async function main(environment: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const settings = processSettings(environment);
  const { port } = settings;
  const databaseUrl = mustHave(settings);
  const place = { directory: settings.configurationDirectory, environment };
  const files = await readStartFiles(place);
  const vault = createVault({ master: Buffer.from(settings.masterKey), audit: Buffer.from(settings.auditKey) });
  const clock = (): string => new Date().toISOString();
  const store = await openStore({ url: databaseUrl, vault, poolSize: 20, traceparent: currentTraceparent, patience: databasePatience });
  await mustBeMigrated(store);
  const tracing = await openTracing({ endpoint: settings.tracesEndpoint, service: 'tenure-api' });
  const first = await startVersion(store, place, files, { actor: { kind: 'system', id: 'api' }, correlationId: 'start', now: clock() });
  logStarted(log, first);
  const metrics = createMetrics(namesOf(first.configuration));
  const changes = await followChanges(databaseUrl, (error) =>
    log.warn({ err: error }, 'the PostgreSQL connection for notifications was lost; the process connects again'),
  );
  const served = await serveVersions({
    first,
    place,
    databaseUrl,
    store,
    clock,
    changes,
    logger: log,
    metrics,
    tracing,
    temporalUiUrl: environment['TEMPORAL_UI_URL'] ?? null,
    temporalNamespace: settings.temporal.namespace,
    ...(environment['TENURE_TRUSTED_PROXIES'] ? { trustedProxies: environment['TENURE_TRUSTED_PROXIES'] } : {}),
  });

  const exposed = await exposeMetrics(settings.metrics.host, settings.metrics.apiPort, metrics, log);
  const clocks = watchClocks({ clocks: { PostgreSQL: clockOf(() => store.clock()) }, metrics, logger: log, every: 60_000 });
  const stop = async (): Promise<void> => {
    clocks.stop();
    await served.close();
    await anchorAtStop(store, served.configuration(), settings.auditAnchors, clock, log);
    await exposed?.close();
    await tracing.shutdown();
    await changes.close();
    await store.close();
  };
  const ending = endInTime({ logger: log, name: 'the API', within: patience, exit: (code) => process.exit(code), stop });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, ending.asked);
  await served.listen(port, environment['HOST'] ?? '0.0.0.0');
  await logFailingConnections(store, served.configuration(), log);
  log.info({ ready: true, port, metrics: exposed?.url ?? 'closed', policyVersion: first.version }, 'the API answers');
  setTimeout(collectGarbage, 5_000).unref();
}

/** @throws ConfigurationInvalid Temporal's address is not needed: Temporal is signalled by the worker, from the outbox */
function mustHave({ databaseUrl }: ProcessSettings): string {
  if (databaseUrl !== null) return databaseUrl;
  const message = 'is not set; npm start sets it for the embedded database';
  throw new ConfigurationInvalid([{ file: 'environment', line: 1, column: 1, field: 'DATABASE_URL', message }]);
}

/** Serves metrics on a port of their own and only where it is set: they have no login, and the port that people reach must not show them. */
async function exposeMetrics(host: string, port: number | null, metrics: Metrics, log: Logger): Promise<ProbeServer | null> {
  if (port === null) return null;
  const routes = { '/metrics': async () => ({ status: 200, ...(await metrics.exposed()) }) };
  return serveProbes({ host, port, routes, onError: (error) => log.error({ err: error }, 'metrics could not be exposed') });
}

function sentence(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EADDRINUSE') return `The API could not start: port ${process.env['PORT'] ?? 4000} is taken by another program. Set PORT to a free one.`;
  if (code === 'EACCES') return `The API could not start: it may not listen on port ${process.env['PORT'] ?? 4000}.`;
  return `The API could not start: ${error instanceof Error ? error.message || code : String(error)}`;
}
