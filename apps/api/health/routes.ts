import type { Store } from '@tenure/store';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** What readiness rests on, each `ok` or what is wrong with it. */
export interface Readiness {
  readonly database: string;
  readonly migrations: string;
}

/** `/health/live`: the process answers. `/health/ready`: it can do its work; else 503, saying what is missing. */
export function registerHealthRoutes(fastify: FastifyInstance, { store, logger }: { readonly store: Store; readonly logger: Logger }): void {
  fastify.get('/health/live', async () => ({ status: 'ok' }));
  fastify.get('/health/ready', async (_request, reply) => {
    const checks = await readiness(store, logger);
    const isReady = Object.values(checks).every((state) => state === 'ok');
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not ready', checks });
  });
}

async function readiness(store: Store, logger: Logger): Promise<Readiness> {
  try {
    await store.check();
    const missing = await store.missingMigrations();
    return { database: 'ok', migrations: missing.length === 0 ? 'ok' : `missing: ${missing.join(', ')}` };
  } catch (error) {
    logger.warn({ err: error }, 'the database does not answer');
    return { database: 'does not answer', migrations: 'unknown' };
  }
}
