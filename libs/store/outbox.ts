import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, Trigger } from '@tenure/domain';
import { OutboxRow } from './entities/process.ts';
import { toJsonRows } from './rows.ts';
import { run, send } from './statement.ts';

export interface OutboxMessage {
  readonly id: number;
  readonly identityId: string;
  /** The request of this person that is to be told; absent or `null`: their life. */
  readonly requestId?: string | null;
  readonly trigger: Trigger;
  readonly urgent: boolean;
  readonly correlationId: string;
  readonly createdAt: Instant;
  /** The span that it was written in (W3C Trace Context), where the installation is traced. */
  readonly traceparent: string | null;
}

export interface Outbox {
  add(message: Omit<OutboxMessage, 'id' | 'traceparent'>): Promise<void>;
  /**
   * Adds messages for whom none waits that is as urgent. For what looks again later, and for nobody else: one that waits may be on its way
   * already, and whoever it wakes may not see what this transaction has changed.
   * @returns how many were added
   */
  addMissing(
    messages: readonly Pick<OutboxMessage, 'identityId' | 'requestId'>[],
    shared: Pick<OutboxMessage, 'trigger' | 'urgent' | 'correlationId' | 'createdAt'>,
  ): Promise<number>;
  /** Takes waiting messages, leavers first, for as long as this transaction lasts: other dispatchers pass over them. */
  take(limit: number): Promise<readonly OutboxMessage[]>;
  remove(ids: readonly number[]): Promise<void>;
  /** How many wait, waves included, and the oldest's age in milliseconds. */
  lag(now: Instant): Promise<{ readonly waiting: number; readonly oldest: number }>;
}

const addMessage = 'insert into outbox (identity_id, trigger, urgent, correlation_id, created_at, traceparent, request_id) values ($1, $2, $3, $4, $5, $6, $7)';

const addMissing = `insert into outbox (identity_id, request_id, trigger, urgent, correlation_id, created_at, traceparent)
  select distinct r.identity_id, r.request_id, $2::text, $3::boolean, $4::text, $5::timestamptz, $6::text from jsonb_to_recordset($1::jsonb) r (identity_id uuid, request_id uuid)
  where not exists (select from outbox o where o.identity_id = r.identity_id and o.request_id is not distinct from r.request_id and o.urgent >= $3::boolean) returning 1`;

export function createOutbox(em: EntityManager, traceparent: () => string | null): Outbox {
  return {
    add: async (message) => {
      const { identityId, requestId = null, trigger, urgent, correlationId, createdAt } = message;
      await send(em, addMessage, [identityId, trigger, urgent, correlationId, createdAt, traceparent(), requestId]);
    },
    async addMissing(messages, { trigger, urgent, correlationId, createdAt }) {
      if (messages.length === 0) return 0;
      const rows = messages.map(({ identityId, requestId = null }) => ({ identityId, requestId }));
      return (await run<object>(em, addMissing, [toJsonRows(rows), trigger, urgent, correlationId, createdAt, traceparent()])).length;
    },
    async take(limit) {
      const rows = await em.execute<
        {
          id: string;
          identity_id: string;
          request_id: string | null;
          trigger: Trigger;
          urgent: boolean;
          correlation_id: string;
          created_at: string;
          traceparent: string | null;
        }[]
      >('select * from outbox order by urgent desc, id limit ? for update skip locked', [limit]);
      return rows.map((row) => ({
        id: Number(row.id),
        identityId: row.identity_id,
        requestId: row.request_id,
        trigger: row.trigger,
        urgent: row.urgent,
        correlationId: row.correlation_id,
        createdAt: new Date(row.created_at).toISOString(),
        traceparent: row.traceparent,
      }));
    },
    remove: async (ids) => {
      await em.nativeDelete(OutboxRow, { id: { $in: [...ids] } });
    },
    async lag(now) {
      const [row] = await em.execute<{ waiting: string; oldest: string | null }[]>(
        `select count(*) as waiting, min(created_at) as oldest from (select created_at from outbox union all select coalesce(released_at, created_at) from wave where started_at is null and standing = 'free') all_of_it`,
      );
      return { waiting: Number(row?.waiting ?? 0), oldest: row?.oldest ? Math.max(0, Date.parse(now) - Date.parse(row.oldest)) : 0 };
    },
  };
}
