import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { fromJsonRow, readRows, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/**
 * `waiting`: the application is to be notified; `confirmed`: it has confirmed the end; `no-channel`: it can be notified through a browser only;
 * `expired`: the session there was over before the application was reached; `refused`: it has answered that it did not end the session; `abandoned`:
 * it was not reached for a week.
 */
export type LogoutNoticeStatus = 'waiting' | 'confirmed' | 'no-channel' | 'expired' | 'refused' | 'abandoned';

/** End of a session at an application, of which the application is notified. Made by the database when the session ends. */
export interface LogoutNotice {
  /** Id of the session. */
  readonly id: string;
  readonly identityId: string;
  readonly application: string;
  readonly protocol: 'saml' | 'oidc';
  /** SAML NameID or OpenID Connect `sub`; `null`: settled, and no longer needed. */
  readonly subject: string | null;
  /** SAML SessionIndex or OpenID Connect `sid`; `null`: settled, and no longer needed. */
  readonly sessionIndex: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  /** When the session began. */
  readonly beganAt: Instant;
  /** Latest end of the session there, as stated to the application. */
  readonly expiresAt: Instant;
  readonly endedAt: Instant;
  readonly endedReason: string | null;
  readonly status: LogoutNoticeStatus;
  readonly attempts: number;
  /** When the application is notified next. */
  readonly dueAt: Instant;
  /** Last answer of the application, or why there was none: `HTTP_200`, `Success`, `TIMEOUT`; `null`: no attempt was made. */
  readonly code: string | null;
  readonly settledAt: Instant | null;
}

/** Result of an attempt. */
export interface LogoutNoticeResult extends Pick<LogoutNotice, 'id' | 'attempts' | 'status'> {
  readonly code: string | null;
  /** When it is tried again, for one that waits on. */
  readonly dueAt: Instant;
}

/** Application with notices that are overdue, refused or abandoned. */
export interface UnconfirmedLogouts {
  readonly application: string;
  /** People, the one whose session ended first in front; `limit` at most. */
  readonly people: readonly string[];
  /** Number of sessions. */
  readonly sessions: number;
  readonly since: Instant;
  /** Last instant at which one of these sessions may end by itself. */
  readonly until: Instant;
  /** Code of the newest attempt; `null`: none was made. */
  readonly code: string | null;
}

export interface LogoutNotices {
  /**
   * Leases notices of an application until `until`; after that another worker may lease those that are neither settled nor postponed. Of an application
   * whose pause has ended, one is leased.
   */
  claim(application: string, limit: number, until: Instant): Promise<readonly LogoutNotice[]>;
  /** Other applications with notices that wait. */
  otherApplications(known: readonly string[]): Promise<readonly string[]>;
  /**
   * Stores the results of attempts; one that another worker has leased since stays as it is. Names of people are deleted from those that are settled
   * for good. @returns ids of those that were stored
   */
  settle(results: readonly LogoutNoticeResult[]): Promise<readonly string[]>;
  /** Records failed attempts that were caused by the application. @returns number of failures in a row, and the instant of the first */
  receiverFailed(application: string, code: string, count: number): Promise<{ readonly failures: number; readonly since: Instant }>;
  /** Leases no notice of an application until `until`, and then one at a time until one succeeds. */
  pause(application: string, until: Instant): Promise<void>;
  /** Deletes the failures of an application, since it has answered. */
  receiverWorked(application: string): Promise<void>;
  /**
   * Applications with notices that have waited since before an instant, and with refused or abandoned ones whose session there may still be open.
   * @param before by application; others are left out
   */
  unconfirmed(before: Readonly<Record<string, Instant>>, limit: number): Promise<readonly UnconfirmedLogouts[]>;
  /** Has refused and abandoned notices of an application tried again. @returns their number */
  retry(application: string): Promise<number>;
  /** Notices about all these people, the newest end first. */
  ofPeople(identityIds: readonly string[]): Promise<readonly LogoutNotice[]>;
  /** Notices about these sessions. */
  ofSessions(ids: readonly string[]): Promise<readonly LogoutNotice[]>;
}

const claimDue = `with due as (
    select id from logout_notice where status = 'waiting' and application = $1 and (due_at <= $3::timestamptz or attempts = 0)
    order by due_at, id limit $2 for update skip locked),
  taken as (update logout_notice n set attempts = attempts + 1, due_at = $4::timestamptz from due where n.id = due.id returning n.*)
  select to_json(t)::text as row from taken t order by ended_at, id`;

const settleAll = `with results as (select * from jsonb_to_recordset($1::jsonb) r (id uuid, attempts int, status text, code text, due_at timestamptz)),
  mine as (select n.id from logout_notice n join results r on r.id = n.id where n.status = 'waiting' and n.attempts = r.attempts order by n.id for update of n)
  update logout_notice n set status = r.status, code = r.code, due_at = r.due_at, settled_at = case when r.status = 'waiting' then null else $2::timestamptz end,
    subject = case when r.status in ('waiting', 'refused', 'abandoned') then n.subject end,
    session_index = case when r.status in ('waiting', 'refused', 'abandoned') then n.session_index end,
    details = case when r.status in ('waiting', 'refused', 'abandoned') then n.details else '{}' end
  from results r join mine on mine.id = r.id where n.id = r.id returning n.id`;

const addFailure = `insert into logout_receiver (application, failures, code, failing_since) values ($1, $4, $2, $3::timestamptz)
  on conflict (application) do update set failures = logout_receiver.failures + excluded.failures, code = excluded.code returning failures, to_json(failing_since) as since`;

const pauseReceiver = 'update logout_receiver set retry_at = $2::timestamptz where application = $1';

const unconfirmed = `with late as (
    select n.* from logout_notice n join jsonb_each_text($1::jsonb) b on b.key = n.application
    where (n.status = 'waiting' and n.ended_at <= b.value::timestamptz) or (n.status in ('refused', 'abandoned') and n.expires_at > $2::timestamptz))
  select application, count(*)::int as sessions, min(ended_at) as failing_since, max(expires_at) as expires_at,
    (array_agg(code order by coalesce(settled_at, due_at) desc) filter (where code is not null))[1] as code,
    (select array_agg(identity_id) from (select identity_id from late o where o.application = late.application group by identity_id order by min(ended_at), identity_id limit $3) x) as people
  from late group by application order by application`;

const columns = `id, identity_id, application, protocol, subject, session_index, details, began_at, expires_at, ended_at, ended_reason, status, attempts, due_at, code, settled_at`;

export function createLogoutNotices(em: EntityManager, { now }: { readonly now: Instant }): LogoutNotices {
  return {
    async claim(application, limit, until) {
      const [pause] = await run<{ waits: boolean }>(
        em,
        'select retry_at > $2::timestamptz as waits from logout_receiver where application = $1 and retry_at is not null for update',
        [application, now],
      );
      if (pause?.waits === true) return [];
      const rows = await run<{ row: string }>(em, claimDue, [application, pause === undefined ? limit : 1, now, until]);
      // One worker alone tests the application.
      if (pause !== undefined && rows.length > 0) await run(em, pauseReceiver, [application, until]);
      return rows.map(({ row }) => fromJsonRow<LogoutNotice>(JSON.parse(row) as Readonly<Record<string, unknown>>));
    },
    async otherApplications(known) {
      const others = `select distinct application from logout_notice where status = 'waiting' and application <> all($1::text[]) order by 1`;
      return (await run<{ application: string }>(em, others, [known])).map(({ application }) => application);
    },
    async settle(results) {
      if (results.length === 0) return [];
      return (await run<{ id: string }>(em, settleAll, [toJsonRows(results), now])).map(({ id }) => id);
    },
    async receiverFailed(application, code, count) {
      const [row] = await run<{ failures: number; since: string }>(em, addFailure, [application, code, now, count]);
      return { failures: row?.failures ?? count, since: row === undefined ? now : new Date(row.since).toISOString() };
    },
    pause: async (application, until) => void (await run(em, pauseReceiver, [application, until])),
    receiverWorked: async (application) => void (await run(em, 'delete from logout_receiver where application = $1', [application])),
    async unconfirmed(before, limit) {
      const rows = await readRows<Omit<UnconfirmedLogouts, 'since' | 'until'> & { failingSince: Instant; expiresAt: Instant }>(em, unconfirmed, [
        JSON.stringify(before),
        now,
        limit,
      ]);
      return rows.map(({ failingSince: since, expiresAt: until, ...one }) => ({ ...one, since, until }));
    },
    async retry(application) {
      const again = `update logout_notice set status = 'waiting', settled_at = null, due_at = $2::timestamptz, attempts = 0
        where application = $1 and status in ('refused', 'abandoned') returning 1`;
      const rows = await run(em, again, [application, now]);
      await run(em, 'delete from logout_receiver where application = $1', [application]);
      return rows.length;
    },
    ofPeople: (ids) => readRows(em, `select ${columns} from logout_notice where identity_id = any($1::uuid[]) order by ended_at desc, application, id`, [ids]),
    ofSessions: (ids) => readRows(em, `select ${columns} from logout_notice where id = any($1::uuid[])`, [ids]),
  };
}
