import type { Store } from '@tenure/store';
import { isReady, readinessOf } from '@tenure/telemetry';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** `/health/live`: the process answers. `/health/ready`: it can do its work; else 503, saying what is missing. */
export function registerHealthRoutes(fastify: FastifyInstance, { store, logger }: { readonly store: Store; readonly logger: Logger }): void {
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
  fastify.get('/health/live', async () => ({ status: 'ok' }));
  fastify.get('/health/ready', async (_request, reply) => {
    const readiness = await readinessOf(checks, (name, error) => logger.warn({ err: error, check: name }, 'what readiness rests on does not answer'));
    return reply.code(isReady(readiness) ? 200 : 503).send({ status: isReady(readiness) ? 'ok' : 'not ready', checks: readiness });
  });
}
