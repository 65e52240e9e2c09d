import { isOnlyRead } from '../access/is-only-read.ts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, Trigger } from '@tenure/domain';
import { OutboxRow } from './entities.ts';
import { toJsonRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';

export interface OutboxMessage {
  readonly id: number;
  readonly identityId: string;
  /** Request of this person that is signalled; absent or `null`: their identity lifecycle workflow. */
  readonly requestId?: string | null;
  readonly trigger: Trigger;
  readonly urgent: boolean;
  readonly correlationId: string;
  readonly createdAt: Instant;
  /** Span that it was written in (W3C Trace Context); `null`: tracing is off. */
  readonly traceparent: string | null;
}

/** Queue of a message: those about leavers have their own, so that they do not wait for others. */
export type OutboxQueue = 'urgent' | 'ordinary';

export interface Outbox {
  /** Adds a message. It is urgent if the person is a leaver with an account that is not in its desired state, whatever its trigger. */
  add(message: Omit<OutboxMessage, 'id' | 'traceparent'>): Promise<void>;
  /** Adds an urgent message for each leaver with an account that is not in its desired state. @returns number of messages */
  addOpenEnds(correlationId: string, now: Instant): Promise<number>;
  /** Locks due messages until the transaction ends: other dispatchers ignore them. Ordinary ones: leavers first. @param queue absent: both */
  take(limit: number, queue?: OutboxQueue): Promise<readonly OutboxMessage[]>;
  /** Turns urgent messages into ordinary ones that are due after these milliseconds, by the database's clock. */
  defer(ids: readonly number[], milliseconds: number): Promise<void>;
  /**
   * Adds messages for people without a waiting one of at least this urgency. Only for callers that check again later: a waiting message may be
   * in delivery already, and its receiver may not see the changes of this transaction.
   * @returns number of added messages
   */
  addMissing(
    messages: readonly Pick<OutboxMessage, 'identityId' | 'requestId'>[],
    shared: Pick<OutboxMessage, 'trigger' | 'urgent' | 'correlationId' | 'createdAt'>,
  ): Promise<number>;
  /** Adds messages that are due after these milliseconds, by the database's clock, except for people for whom such a message waits. */
  addLater(identityIds: readonly string[], shared: Pick<OutboxMessage, 'trigger' | 'correlationId' | 'createdAt'>, milliseconds: number): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  /** Number of waiting rows, batches included, and the age of the oldest in milliseconds. */
  lag(now: Instant): Promise<{ readonly waiting: number; readonly oldest: number }>;
}

/** Condition for leavers with an account that is not in its desired state. */
const isLeaver = (id: string): string => `exists (select 1 from identity i join account a on a.identity_id = i.id
    where i.id = ${id} and i.state in ('leaving', 'left') and a.confirmed_at is null and a.not_visible_at is null and a.drifted_at is null and not ${isOnlyRead})`;

const addMessage = `insert into outbox (identity_id, trigger, urgent, correlation_id, created_at, traceparent, request_id)
  select $1::uuid, $2::text, $3::boolean or ($7::uuid is null and ${isLeaver('$1::uuid')}), $4::text, $5::timestamptz, $6::text, $7::uuid`;

/** Conditions of the queues. An urgent message that was delivered once waits for its identity lifecycle workflow like an ordinary one. */
const inQueue: Readonly<Record<OutboxQueue, string>> = { urgent: 'urgent and due_at is null', ordinary: '(not urgent or due_at <= clock_timestamp())' };

const addMissing = `insert into outbox (identity_id, request_id, trigger, urgent, correlation_id, created_at, traceparent)
  select r.identity_id, r.request_id, $2::text, r.is_urgent, $4::text, $5::timestamptz, $6::text from (
    select distinct w.identity_id, w.request_id, $3::boolean or (w.request_id is null and ${isLeaver('w.identity_id')}) as is_urgent
    from jsonb_to_recordset($1::jsonb) w (identity_id uuid, request_id uuid)) r
  where not exists (select from outbox o where o.identity_id = r.identity_id and o.request_id is not distinct from r.request_id and o.urgent >= r.is_urgent) returning 1`;

export function createOutbox(em: EntityManager, traceparent: () => string | null): Outbox {
  return {
    add: async (message) => {
      const { identityId, requestId = null, trigger, urgent, correlationId, createdAt } = message;
      await send(em, addMessage, [identityId, trigger, urgent, correlationId, createdAt, traceparent(), requestId]);
    },
    async addOpenEnds(correlationId, now) {
      const rows = await run<object>(
        em,
        `insert into outbox (identity_id, trigger, urgent, correlation_id, created_at)
         select i.id, 'restart', true, $1::text, $2::timestamptz from identity i where i.state in ('leaving', 'left')
           and exists (select 1 from account a where a.identity_id = i.id and a.confirmed_at is null and a.not_visible_at is null and a.drifted_at is null and not ${isOnlyRead}) returning 1`,
        [correlationId, now],
      );
      return rows.length;
    },
    async addMissing(messages, { trigger, urgent, correlationId, createdAt }) {
      if (messages.length === 0) return 0;
      const rows = messages.map(({ identityId, requestId = null }) => ({ identityId, requestId }));
      return (await run<object>(em, addMissing, [toJsonRows(rows), trigger, urgent, correlationId, createdAt, traceparent()])).length;
    },
    async take(limit, queue) {
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
      >(`select * from outbox where ${queue === undefined ? 'true' : inQueue[queue]} order by urgent desc, id limit ? for update skip locked`, [limit]);
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
    defer: (ids, milliseconds) =>
      send(em, `update outbox set due_at = clock_timestamp() + $2 * interval '1 millisecond' where id = any($1::bigint[])`, [[...ids], milliseconds]),
    addLater: (ids, { trigger, correlationId, createdAt }, milliseconds) =>
      send(
        em,
        // Like a deferred message: ordinary, and not before it is due.
        `insert into outbox (identity_id, trigger, urgent, correlation_id, created_at, due_at)
         select person.id, $2::text, true, $3::text, $4::timestamptz, clock_timestamp() + $5 * interval '1 millisecond' from unnest($1::uuid[]) person (id)
         where not exists (select from outbox o where o.identity_id = person.id and o.due_at > clock_timestamp())`,
        [[...ids], trigger, correlationId, createdAt, milliseconds],
      ),
    remove: async (ids) => {
      await em.nativeDelete(OutboxRow, { id: { $in: [...ids] } });
    },
    async lag(now) {
      const [row] = await em.execute<{ waiting: string; oldest: string | null }[]>(
        `select count(*) as waiting, min(created_at) as oldest from (select coalesce(due_at, created_at) as created_at from outbox where due_at is null or due_at <= clock_timestamp() union all select coalesce(released_at, created_at) from wave where started_at is null and standing = 'free') all_of_it`,
      );
      return { waiting: Number(row?.waiting ?? 0), oldest: row?.oldest ? Math.max(0, Date.parse(now) - Date.parse(row.oldest)) : 0 };
    },
  };
}
