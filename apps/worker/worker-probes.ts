import { isReady, logChanges, type Metrics, type ProbeAnswer, type ProbeServer, type ReadinessCheck, readinessOf, serveProbes } from '@tenure/telemetry';
import type { Logger } from 'pino';

export interface WorkerProbeSettings {
  readonly host: string;
  /** `null`: 9464, or any free one where that is taken, as by another worker on the same machine. */
  readonly port: number | null;
  readonly metrics: Metrics;
  readonly checks: () => Readonly<Record<string, ReadinessCheck>>;
  /** Configuration version that the worker uses; absent: it is not shown. */
  readonly versions?: () => object;
  /** Reason why the worker ends by itself; `null`: it does not. */
  readonly failure?: () => string | null;
  readonly logger: Logger;
}

const usualPort = 9464;

/** `/health/live`, `/health/ready` and `/metrics` of a worker. */
export async function serveWorkerProbes({ host, port, metrics, checks, versions, failure = () => null, logger }: WorkerProbeSettings): Promise<ProbeServer> {
  const changes = logChanges(logger);
  const json = (status: number, body: object): ProbeAnswer => ({ status, type: 'application/json', body: `${JSON.stringify(body)}\n` });
  const routes = {
    '/health/live': async () => {
      const reason = failure();
      return reason === null ? json(200, { status: 'ok' }) : json(503, { status: 'failed', reason });
    },
    '/health/ready': async () => {
      const readiness = await readinessOf(checks(), (name, error) => changes.failed(name, { err: error, check: name }, 'a readiness check failed'));
      for (const [name, state] of Object.entries(readiness)) if (state === 'ok') changes.recovered(name, 'a readiness check succeeds again', { check: name });
      const told = { checks: readiness, ...(versions === undefined ? {} : { configuration: versions() }) };
      return isReady(readiness) ? json(200, { status: 'ok', ...told }) : json(503, { status: 'not ready', ...told });
    },
    '/metrics': async () => ({ status: 200, ...(await metrics.exposed()) }),
  };
  const serve = (on: number): Promise<ProbeServer> =>
    serveProbes({ host, port: on, routes, onError: (error) => logger.error({ err: error }, 'a probe could not be answered') });
  if (port !== null) return serve(port);
  return serve(usualPort).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return serve(0);
    throw error;
  });
}
