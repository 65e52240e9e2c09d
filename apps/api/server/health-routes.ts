import { isReady, logChanges, readinessOf } from '@tenure/telemetry';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from './dependencies.ts';

/** `/health/live`: the process answers. `/health/ready`: it can do its work; otherwise 503 with the failing checks. */
export function registerHealthRoutes(fastify: FastifyInstance, { store, logger, versions }: Pick<ApiDependencies, 'store' | 'logger' | 'versions'>): void {
  const checks = {
    database: async () => {
      await store.check();
      return 'ok';
    },
    migrations: async () => {
      const missing = await store.missingMigrations();
      return missing.length === 0 ? 'ok' : `missing: ${missing.join(', ')}`;
    },
  };
  const changes = logChanges(logger);
  fastify.get('/health/live', async () => ({ status: 'ok' }));
  fastify.get('/health/ready', async (_request, reply) => {
    const readiness = await readinessOf(checks, (name, error) => changes.failed(name, { err: error, check: name }, 'what readiness rests on does not answer'));
    for (const [name, state] of Object.entries(readiness))
      if (state === 'ok') changes.recovered(name, 'what readiness rests on answers again', { check: name });
    return reply
      .code(isReady(readiness) ? 200 : 503)
      .send({ status: isReady(readiness) ? 'ok' : 'not ready', checks: readiness, ...(versions === undefined ? {} : { configuration: versions() }) });
  });
}
