import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, Trigger } from '@tenure/domain';
import { OutboxRow } from './entities/process.ts';

export interface OutboxMessage {
  readonly id: number;
  readonly identityId: string;
  readonly trigger: Trigger;
  readonly urgent: boolean;
  readonly correlationId: string;
  readonly createdAt: Instant;
}

export interface Outbox {
  add(message: Omit<OutboxMessage, 'id'>): Promise<void>;
  /** One message for each identity. */
  addForEverybody(trigger: Trigger, correlationId: string, now: Instant): Promise<void>;
  /** Takes waiting messages, leavers first, for as long as this transaction lasts: other dispatchers pass over them. */
  take(limit: number): Promise<readonly OutboxMessage[]>;
  remove(ids: readonly number[]): Promise<void>;
  /** How many wait, and the oldest's age in milliseconds. */
  lag(now: Instant): Promise<{ readonly waiting: number; readonly oldest: number }>;
}

export function createOutbox(em: EntityManager): Outbox {
  return {
    add: async (message) => {
      await em.insert(OutboxRow, message);
    },
    addForEverybody: async (trigger, correlationId, now) => {
      await em.execute('insert into outbox (identity_id, trigger, urgent, correlation_id, created_at) select id, ?, false, ?, ? from identity', [
        trigger,
        correlationId,
        now,
      ]);
    },
    async take(limit) {
      const rows = await em.execute<{ id: string; identity_id: string; trigger: Trigger; urgent: boolean; correlation_id: string; created_at: string }[]>(
        'select * from outbox order by urgent desc, id limit ? for update skip locked',
        [limit],
      );
      return rows.map((row) => ({
        id: Number(row.id),
        identityId: row.identity_id,
        trigger: row.trigger,
        urgent: row.urgent,
        correlationId: row.correlation_id,
        createdAt: new Date(row.created_at).toISOString(),
      }));
    },
    remove: async (ids) => {
      await em.nativeDelete(OutboxRow, { id: { $in: [...ids] } });
    },
    async lag(now) {
      const [row] = await em.execute<{ waiting: string; oldest: string | null }[]>('select count(*) as waiting, min(created_at) as oldest from outbox');
      return { waiting: Number(row?.waiting ?? 0), oldest: row?.oldest ? Math.max(0, Date.parse(now) - Date.parse(row.oldest)) : 0 };
    },
  };
}
