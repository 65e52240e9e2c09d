import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiDependencies } from '../server/dependencies.ts';
import { actorOf, type Caller, recordRefusal } from '@tenure/engine/callers';

/** A request that was turned away. */
export interface Refusal {
  /** `null`: nobody knows who it was. */
  readonly caller: Caller | null;
  /** The error's code, or a code of the reason why a page was refused. */
  readonly code: string;
  /** Requested field or route. */
  readonly at: string;
  /** Ids of the objects of the request. */
  readonly details?: Readonly<Record<string, string>>;
}

/** Writes into the audit who was turned away from what. */
export interface Refusals {
  /** Keeps a refusal until the answer is sent, which waits for it to be written. The first of one request is the one that counts. */
  note(request: FastifyRequest, refusal: Refusal): void;
  /** Audits a refusal without an answer of its own, such as of a message on a WebSocket. Never throws. */
  audit(request: FastifyRequest, refusal: Refusal): Promise<void>;
}

/**
 * Maximum number of audited refusals in a minute, of one caller, or of one address where the caller is unknown: endless attempts do not fill the
 * audit.
 */
const mostAudited = 120;

/** Has to be called before any route is added. Relies on @fastify/rate-limit. */
export function createRefusals(fastify: FastifyInstance, { store, clock, logger }: Pick<ApiDependencies, 'store' | 'clock' | 'logger'>): Refusals {
  const noted = new WeakMap<FastifyRequest, Refusal>();
  const limit = fastify.createRateLimit({ max: mostAudited, timeWindow: '1 minute', keyGenerator: (request) => noted.get(request)?.caller?.id ?? request.ip });

  async function audit(request: FastifyRequest, refusal: Refusal): Promise<void> {
    const { caller, code, at, details } = refusal;
    noted.set(request, refusal);
    logger.info({ correlation: request.id, caller: caller?.id ?? null, at, code }, 'a request was refused');
    try {
      const count = await limit(request);
      if (!count.isAllowed && count.isExceeded) return;
      const actor = caller === null ? ({ kind: 'system', id: 'api' } as const) : actorOf(caller);
      const refused = { requestId: request.id, caller, at, code, ...(details === undefined ? {} : { details }) };
      await store.transaction({ actor, correlationId: request.id, now: clock() }, async (tx) => recordRefusal(tx, refused));
    } catch (error) {
      // The refusal remains; that it cannot be written is no reason to answer anything else.
      logger.error({ err: error, reference: request.id }, 'a refusal could not be written into the audit');
    }
  }

  fastify.addHook('onSend', async (request) => {
    const refusal = noted.get(request);
    if (refusal !== undefined) await audit(request, refusal);
  });
  return {
    audit,
    note(request, refusal) {
      if (!noted.has(request)) noted.set(request, refusal);
    },
  };
}
