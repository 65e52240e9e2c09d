import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, NewNotification, Notification, NotificationKind, NotificationRecipient } from '@tenure/domain';
import type { ActContext } from '../audit/audit.ts';
import { NotificationChoiceRow } from './entities.ts';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';

/** Receiver of deliveries: the mail server, or one webhook. */
export interface Receiver {
  readonly channel: 'mail' | 'webhook';
  /** The webhook's name; empty for a mail. */
  readonly endpoint: string;
}

/** A delivery to be planned: one notification to one person or program through one channel. */
export interface NewDelivery extends Receiver {
  readonly noticeId: string;
  readonly kind: NotificationKind | 'approvals-digest';
  readonly key: string;
  /** Identity that receives the mail; `null` for a webhook. */
  readonly recipientId: string | null;
  readonly dueAt: Instant;
}

/** A due delivery, with its notification. */
export interface Delivery extends NewDelivery {
  readonly id: string;
  /** Number of attempts, this one included. */
  readonly attempts: number;
  readonly createdAt: Instant;
  /** When it was due originally; `null`: planned by an earlier version of Tenure. */
  readonly dueSince: Instant | null;
  /** When it became due for this attempt: the planned instant, or the one to which it was postponed. */
  readonly wasDueAt: Instant;
  readonly notice: Notification;
}

/** A notification whose deliveries are not planned yet. */
export interface UnplannedNotification extends Notification {
  /** Number of failed attempts to plan it. */
  readonly attempts: number;
}

/** Preference for mails about pending approvals: one mail each, or one daily digest. */
export type ApprovalNotifications = 'each' | 'digest';

export interface Notifications {
  /**
   * Adds notifications in the transaction of the event that they report. One of the same kind, key and recipient as an earlier one is ignored,
   * so this may be called again for the same event.
   */
  add(...notifications: readonly NewNotification[]): Promise<void>;
  /** Adds notifications of approaching dates: the end of access, and deadlines of cases. */
  addComing(): Promise<void>;
  /**
   * Locks unplanned notifications until the transaction ends, in the order of writing. One worker at a time; others get none. A postponed
   * notification delays later ones about the same person.
   */
  takeNew(limit: number): Promise<readonly UnplannedNotification[]>;
  /** Records a failed attempt to plan a notification; the next attempt is at `until`. */
  planLater(id: string, until: Instant): Promise<void>;
  /** Stores deliveries and marks the notifications as planned; nobody gets one event twice through one channel. */
  plan(noticeIds: readonly string[], deliveries: readonly NewDelivery[]): Promise<void>;
  /** Number of mails of these kinds that were planned for somebody since an instant. */
  countMails(recipientId: string, kinds: readonly string[], since: Instant): Promise<number>;
  /**
   * Leases due deliveries of a receiver until `until`; after that another worker may lease those neither settled nor postponed. A delivery behind an
   * earlier one about the same person to the same recipient is not due. Of a receiver whose pause has ended, one delivery is leased.
   */
  claim(receiver: Receiver, limit: number, until: Instant): Promise<readonly Delivery[]>;
  /** Names of other webhooks with waiting deliveries. */
  otherEndpoints(known: readonly string[]): Promise<readonly string[]>;
  /** Settles a delivery for good. @returns false when it was settled before; it stays as it is */
  settle(id: string, status: 'sent' | 'skipped' | 'failed', code: string | null): Promise<boolean>;
  /** Postpones a delivery to another attempt at `until`. Does nothing if another worker has leased and attempted it since. */
  putOff(delivery: Pick<Delivery, 'id' | 'attempts'>, until: Instant, code: string): Promise<void>;
  /** Records a failed attempt that was caused by the receiver. @returns number of failures in a row, and the instant of the first */
  receiverFailed(receiver: Receiver, code: string): Promise<{ readonly failures: number; readonly since: Instant }>;
  /** Pauses a receiver: no delivery is leased until `until`, and then one at a time until one succeeds. */
  pause(receiver: Receiver, until: Instant): Promise<void>;
  /** Allows another delivery to test a paused receiver, since the leased one was not attempted. */
  resume(receiver: Receiver): Promise<void>;
  /** Deletes the failures of a receiver, since it has accepted a delivery. */
  receiverWorked(receiver: Receiver): Promise<void>;
  /** Abandons deliveries of a receiver that were due before an instant. @returns the abandoned ones, `limit` at most */
  abandonOlder(receiver: Receiver, before: Instant, code: string, limit: number): Promise<readonly Delivery[]>;
  /** True if a later notification reports that the person has started or ended. */
  isSuperseded(noticeId: string): Promise<boolean>;
  choiceOf(identityId: string): Promise<ApprovalNotifications>;
  choose(identityId: string, approvals: ApprovalNotifications): Promise<void>;
}

const addNotifications = `insert into notice (id, kind, key, recipient, about, data, correlation_id, created_at)
  select id, kind, key, recipient, about, data, $2, $3 from jsonb_to_recordset($1::jsonb) r (id uuid, kind text, key text, recipient text, about jsonb, data jsonb)
  order by key, kind, recipient on conflict do nothing`;

/** Notifies when the policy says so, else a week before the end, or in the last quarter of access of under four weeks. Not of break-glass access. */
const addEnding = `insert into notice (id, kind, key, recipient, about, data, correlation_id, created_at)
  select gen_random_uuid(), 'access-ending', i.id::text, 'identity/' || i.identity_id, jsonb_build_object('requestId', i.request_id, 'identityId', i.identity_id),
    jsonb_build_object('itemId', i.id, 'endsAt', to_char(i.valid_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), $2, $1
  from request_item i where i.status = 'approved' and i.valid_until > $1 and not i.is_break_glass
    and coalesce(i.end_notice_at, i.valid_until - least(interval '7 days', (i.valid_until - i.valid_from) / 4)) <= $1
    and not exists (select from request_item later where later.extends = i.id and later.status in ('open', 'approved')) on conflict do nothing`;

/** Notifies a day before the deadline, of cases that have been open for a day. */
const addDueCases = `insert into notice (id, kind, key, recipient, about, data, correlation_id, created_at)
  select gen_random_uuid(), 'case-due', c.id || '/' || extract(epoch from c.deadline), 'owners/' || c.id, jsonb_build_object('caseId', c.id), '{}', $2, $1
  from case_file c where c.status = 'open' and (c.owner_id is not null or c.owner_group is not null) and c.deadline > $1 and c.deadline <= $1::timestamptz + interval '1 day'
    and c.opened_at <= $1::timestamptz - interval '1 day' on conflict do nothing`;

const addDeliveries = `insert into notice_delivery (id, notice_id, kind, key, channel, endpoint, recipient_id, about_id, position, status, attempts, due_at, due_since, created_at)
  select r.id, r.notice_id, r.kind, r.key, r.channel, r.endpoint, r.recipient_id, case when r.kind = 'approvals-digest' then null else n.about_id end, n.position,
    'waiting', 0, r.due_at, r.due_at, $2
  from jsonb_to_recordset($1::jsonb) r (id uuid, notice_id uuid, kind text, key text, channel text, endpoint text, recipient_id uuid, due_at timestamptz)
  join notice n on n.id = r.notice_id
  order by r.key, r.kind, r.channel, r.endpoint, r.recipient_id on conflict do nothing`;

/** Lock for planning by one worker at a time: two of them could plan a later notification before an earlier one. The number is used only here. */
const planLock = 'select pg_try_advisory_xact_lock(8311, 1) as mine';

const takeUnplanned = `select to_json(n) as notice from notice n where planned_at is null and (due_at is null or due_at <= $2)
    and not exists (select from notice e where e.planned_at is null and e.due_at > $2 and e.about_id = n.about_id and e.position < n.position)
  order by position limit $1 for update`;

const claimDue = `with due as (
    select d.id, d.due_at as was_due_at from notice_delivery d where d.status = 'waiting' and d.channel = $4 and d.endpoint = $5 and d.due_at <= $2
      and not exists (select from notice_delivery e where e.status = 'waiting' and e.about_id is not null and e.about_id = d.about_id
        and e.channel = d.channel and e.endpoint = d.endpoint and e.position < d.position and e.recipient_id is not distinct from d.recipient_id)
    order by d.due_at, d.position limit $1 for update skip locked),
  taken as (update notice_delivery d set attempts = attempts + 1, due_at = $3 from due where d.id = due.id returning d.*, due.was_due_at)
  select to_json(d) as delivery, to_json(n) as notice from taken d join notice n on n.id = d.notice_id order by d.position`;

const addFailure = `insert into notice_receiver (channel, endpoint, failures, code, failing_since) values ($1, $2, 1, $3, $4)
  on conflict (channel, endpoint) do update set failures = notice_receiver.failures + 1, code = excluded.code returning failures, to_json(failing_since) as since`;

const pauseReceiver = 'update notice_receiver set retry_at = $3 where channel = $1 and endpoint = $2';

const abandonOlder = `with old as (
    select id, due_at as was_due_at from notice_delivery where status = 'waiting' and channel = $4 and endpoint = $5 and coalesce(due_since, created_at) <= $2
    order by position limit $1 for update skip locked),
  given_up as (update notice_delivery d set status = 'failed', code = $6, settled_at = $3 from old where d.id = old.id returning d.*, old.was_due_at)
  select to_json(d) as delivery, to_json(n) as notice from given_up d join notice n on n.id = d.notice_id order by d.position`;

const laterOfLife = `select exists (select from notice n join notice l on l.about_id = n.about_id and l.position > n.position
  where n.id = $1 and l.kind in ('person-started', 'person-ended')) as superseded`;

export function createNotifications(em: EntityManager, { correlationId, now }: Pick<ActContext, 'correlationId' | 'now'>): Notifications {
  return {
    async add(...notifications) {
      if (notifications.length === 0) return;
      const rows = notifications.map(({ recipient, ...notice }) => ({ ...notice, id: randomUUID(), recipient: recipientText(recipient) }));
      await send(em, addNotifications, [JSON.stringify(rows), correlationId, now]);
    },
    async addComing() {
      await run(em, addEnding, [now, correlationId]);
      await run(em, addDueCases, [now, correlationId]);
    },
    async takeNew(limit) {
      const [lock] = await run<{ mine: boolean }>(em, planLock, []);
      if (lock?.mine !== true) return [];
      const rows = await run<{ notice: JsonRow }>(em, takeUnplanned, [limit, now]);
      return rows.map(({ notice }) => ({ ...toNotification(notice), attempts: Number(notice['attempts']) }));
    },
    planLater: async (id, until) =>
      void (await run(em, 'update notice set attempts = attempts + 1, due_at = $2 where id = $1 and planned_at is null', [id, until])),
    async plan(noticeIds, deliveries) {
      await run(em, 'update notice set planned_at = $2 where id = any($1::uuid[])', [noticeIds, now]);
      if (deliveries.length > 0) await run(em, addDeliveries, [toJsonRows(deliveries.map((one) => ({ ...one, id: randomUUID() }))), now]);
    },
    async countMails(recipientId, kinds, since) {
      const [row] = await run<{ count: string }>(
        em,
        `select count(*) as count from notice_delivery where recipient_id = $1 and channel = 'mail' and kind = any($2::text[]) and created_at >= $3`,
        [recipientId, kinds, since],
      );
      return Number(row?.count ?? 0);
    },
    async claim({ channel, endpoint }, limit, until) {
      const paused = 'select retry_at > $3 as waits from notice_receiver where channel = $1 and endpoint = $2 and retry_at is not null for update';
      const [pause] = await run<{ waits: boolean }>(em, paused, [channel, endpoint, now]);
      if (pause?.waits === true) return [];
      const rows = await run<{ delivery: JsonRow; notice: JsonRow }>(em, claimDue, [pause === undefined ? limit : 1, now, until, channel, endpoint]);
      // One worker alone tests the receiver.
      if (pause !== undefined && rows.length > 0) await run(em, pauseReceiver, [channel, endpoint, until]);
      return rows.map(toDelivery);
    },
    async settle(id, status, code) {
      const settled = `update notice_delivery set status = $2, code = $3, settled_at = $4 where id = $1 and status = 'waiting' returning id`;
      return (await run(em, settled, [id, status, code, now])).length > 0;
    },
    async otherEndpoints(known) {
      const others = `select distinct endpoint from notice_delivery where status = 'waiting' and channel = 'webhook' and endpoint <> all($1::text[])`;
      return (await run<{ endpoint: string }>(em, others, [known])).map(({ endpoint }) => endpoint);
    },
    putOff: async ({ id, attempts }, until, code) =>
      void (await run(em, `update notice_delivery set due_at = $2, code = $3 where id = $1 and status = 'waiting' and attempts = $4`, [
        id,
        until,
        code,
        attempts,
      ])),
    async receiverFailed({ channel, endpoint }, code) {
      const [row] = await run<{ failures: number; since: string }>(em, addFailure, [channel, endpoint, code, now]);
      return { failures: row?.failures ?? 1, since: row === undefined ? now : new Date(row.since).toISOString() };
    },
    pause: async ({ channel, endpoint }, until) => void (await run(em, pauseReceiver, [channel, endpoint, until])),
    resume: async ({ channel, endpoint }) =>
      void (await run(em, 'update notice_receiver set retry_at = $3 where channel = $1 and endpoint = $2 and retry_at > $3', [channel, endpoint, now])),
    receiverWorked: async ({ channel, endpoint }) =>
      void (await run(em, 'delete from notice_receiver where channel = $1 and endpoint = $2', [channel, endpoint])),
    async abandonOlder({ channel, endpoint }, before, code, limit) {
      const rows = await run<{ delivery: JsonRow; notice: JsonRow }>(em, abandonOlder, [limit, before, now, channel, endpoint, code]);
      return rows.map(toDelivery);
    },
    async isSuperseded(noticeId) {
      const [row] = await run<{ superseded: boolean }>(em, laterOfLife, [noticeId]);
      return row?.superseded === true;
    },
    choiceOf: async (identityId) => (await em.findOne(NotificationChoiceRow, { identityId }, { disableIdentityMap: true }))?.approvals ?? 'each',
    choose: async (identityId, approvals) => {
      await em.upsert(NotificationChoiceRow, { identityId, approvals }, { disableIdentityMap: true });
    },
  };
}

type JsonRow = Readonly<Record<string, unknown>>;

function toDelivery({ delivery, notice }: { readonly delivery: JsonRow; readonly notice: JsonRow }): Delivery {
  return { ...fromJsonRow<Delivery>(delivery), notice: toNotification(notice) };
}

function toNotification(row: JsonRow): Notification {
  const { recipient, ...notice } = fromJsonRow<Omit<Notification, 'recipient'> & { readonly recipient: string }>(row);
  return { ...notice, recipient: recipientOf(recipient) };
}

/** Unique text of a recipient, for a unique index. */
function recipientText(recipient: NotificationRecipient): string {
  if ('identityId' in recipient) return `identity/${recipient.identityId}`;
  if ('ownersOf' in recipient) return `owners/${recipient.ownersOf}`;
  if ('role' in recipient) return `role/${recipient.role}`;
  return `${recipient.relation}/${recipient.of}`;
}

function recipientOf(text: string): NotificationRecipient {
  const [kind = '', ...rest] = text.split('/');
  const id = rest.join('/');
  if (kind === 'identity') return { identityId: id };
  if (kind === 'owners') return { ownersOf: id };
  return kind === 'role' ? { role: id } : { relation: kind === 'manager' ? 'manager' : 'sponsor', of: id };
}
