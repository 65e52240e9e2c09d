import type { EntityManager } from '@mikro-orm/postgresql';
import {
  type Aspect,
  CASE_KINDS,
  type CaseKind,
  type ConnectionKind,
  type FindingKind,
  QuarantineState,
  SUSPENSION_KINDS,
  type SuspensionKind,
  type Instant,
  type Verdict,
} from '@tenure/domain';
import { createOutbox } from '../outbox/outbox.ts';

/** Status of the installation in a few counts. Ages are in milliseconds. */
export interface Pulse {
  readonly outbox: { readonly waiting: number; readonly oldest: number };
  /** Number of open cases by kind; zero for a kind without any. */
  readonly cases: Readonly<Record<CaseKind, number>>;
  /** Number of those whose deadline has passed. */
  readonly overdueCases: Readonly<Record<CaseKind, number>>;
  /** Number of open suspensions by kind. */
  readonly holds: Readonly<Record<SuspensionKind, number>>;
  /** Number of operations that wait for a worker (`pending`) or for a human decision (`failed`). */
  readonly operations: readonly { readonly target: string; readonly status: 'pending' | 'failed'; readonly count: number }[];
  /** Accounts of leavers that no observation has confirmed as closed. */
  readonly ends: readonly { readonly target: string; readonly waiting: number; readonly oldest: number }[];
  /** Age of the oldest of them that no worker has attempted since it was decided, though it is not suspended. */
  readonly untriedEnds: readonly { readonly target: string; readonly oldest: number }[];
  /** Observations that differ from the desired state, or that the target cannot make, by target, aspect and verdict. */
  readonly observations: readonly { readonly target: string; readonly aspect: Aspect; readonly verdict: Exclude<Verdict, 'PRESENT'>; readonly count: number }[];
  /** Number of overdue timers by kind: their instant passed more than `timerAllowance` ago without a wake-up. */
  readonly overdue: Readonly<Record<Timed, number>>;
  /** Results of the last tests of targets and identity providers, where they were tested. */
  readonly connections: readonly { readonly kind: ConnectionKind; readonly name: string; readonly isWorking: boolean; readonly age: number }[];
  /** Unfinished batch changes that are approved, or need no approval. */
  readonly batches: { readonly underWay: number; readonly oldest: number };
  /** Mails and webhook calls that are due and not delivered yet. */
  readonly notices: readonly { readonly channel: 'mail' | 'webhook'; readonly endpoint: string; readonly waiting: number; readonly oldest: number }[];
  /** Failing receivers of notifications, with the duration of the failure. */
  readonly receivers: readonly { readonly channel: 'mail' | 'webhook'; readonly endpoint: string; readonly failing: number }[];
  /** Notices of logout by application: those that wait, the age of the oldest since the end of its session, and refused or abandoned ones of sessions that may be open. */
  readonly logouts: readonly { readonly application: string; readonly waiting: number; readonly oldest: number; readonly failed: number }[];
  /** Open findings of reconciliation by target and kind. */
  readonly findings: readonly { readonly target: string; readonly kind: FindingKind; readonly count: number; readonly oldest: number }[];
  /** Age of the last complete run of each target, from its begin, where there is one. */
  readonly completeRuns: readonly { readonly target: string; readonly age: number }[];
  /** Targets that are only observed, and nothing is written there. */
  readonly observedTargets: readonly string[];
  /** Accounts of nobody in quarantine, by target and state; `failed`: they wait for a person. */
  readonly quarantined: readonly { readonly target: string; readonly state: QuarantineState | 'failed'; readonly count: number }[];
  /** Accounts whose corrections wait for approval, by target. */
  readonly correctionsWaiting: readonly { readonly target: string; readonly count: number }[];
  /** Time since each source last sent records, where it ever did. */
  readonly sources: readonly { readonly source: string; readonly age: number }[];
  /** Size of the database and of its largest tables with their indexes, in bytes; number of rows as the server estimates it. */
  readonly size: { readonly bytes: number; readonly tables: readonly { readonly table: string; readonly bytes: number; readonly rows: number }[] };
}

/** Kinds of timers: next date of a person or request, deadline of a case, end of a suspension. Each has a column of its own. */
export const TIMED = ['life', 'request', 'case', 'hold'] as const;
export type Timed = (typeof TIMED)[number];

/** Milliseconds by which a timer may be late before it counts as missed. */
export const timerAllowance = 30_000;

const noTimers = Object.fromEntries(TIMED.map((kind) => [kind, 0])) as Record<Timed, number>;
const countOverdue = `select 'life' as kind, count(*) from identity where next_wake_up < ?
  union all select 'request', count(*) from access_request where status = 'open' and next_at < ?
  union all select 'case', count(*) from case_file where status = 'open' and tend_at < ?
  union all select 'hold', count(*) from hold where ended_at is null and until < ?`;
/** Statement for the largest tables; rows are estimates of the planner, which are cheap however large a table is. */
const largestTables = `select c.relname as table, pg_total_relation_size(c.oid) as bytes, greatest(c.reltuples, 0)::bigint as rows
  from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace order by 2 desc limit 15`;
const noSuspensions = Object.fromEntries(SUSPENSION_KINDS.map((kind) => [kind, 0])) as Record<SuspensionKind, number>;
const noCases = Object.fromEntries(CASE_KINDS.map((kind) => [kind, 0])) as Record<CaseKind, number>;

/** Reads the pulse. Each count uses an index of open rows, so that frequent reads are cheap however many rows are closed. */
export async function readPulse(em: EntityManager, now: Instant): Promise<Pulse> {
  const outbox = await createOutbox(em, () => null).lag(now);
  const cases = await em.execute<{ kind: CaseKind; count: string; overdue: string }[]>(
    `select kind, count(*), count(*) filter (where deadline < ?) as overdue from case_file where status = 'open' group by kind`,
    [now],
  );
  const suspensions = await em.execute<{ kind: SuspensionKind; count: string }[]>(
    'select kind, count(*) from hold where ended_at is null and until > ? group by kind',
    [now],
  );
  const operations = await em.execute<{ target: string; status: 'pending' | 'failed'; count: string }[]>(
    `select target, status, count(*) from operation where status in ('pending', 'failed') group by target, status`,
  );
  const ends = await em.execute<{ target: string; waiting: string; oldest: string; untried: string | null }[]>(
    `select a.target, count(*) as waiting, min(a.desired_since) as oldest, min(a.desired_since) filter (where (a.observed_at is null or a.observed_at < a.desired_since)
         and not exists (select 1 from operation o where o.account_id = a.id and o.attempts > 0 and o.created_at >= a.desired_since)
         and not exists (select 1 from hold h where h.ended_at is null and (h.target = a.target or h.identity_id = a.identity_id))) as untried
     from account a join identity i on i.id = a.identity_id
     where a.confirmed_at is null and a.not_visible_at is null
       and case when jsonb_typeof(a.observed) = 'object' then coalesce(a.observed->>'enabled', '') <> 'false' else a.observed_at is null end and i.state in ('leaving', 'left') group by a.target`,
  );
  const observations = await em.execute<{ target: string; aspect: Aspect; verdict: 'ABSENT' | 'NOT_VISIBLE'; count: string }[]>(
    `select target, aspect, verdict, count(*) from observation where verdict = 'NOT_VISIBLE' or (verdict = 'ABSENT' and desired <> 'absent') group by target, aspect, verdict`,
  );
  const before = new Date(Date.parse(now) - timerAllowance).toISOString();
  const late = await em.execute<{ kind: Timed; count: string }[]>(countOverdue, [before, before, before, before]);
  const notifications = await em.execute<{ channel: 'mail' | 'webhook'; endpoint: string; waiting: string; oldest: string }[]>(
    `select channel, endpoint, count(*) as waiting, min(coalesce(due_since, created_at)) as oldest from notice_delivery
     where status = 'waiting' and (attempts > 0 or due_at <= ?) group by channel, endpoint`,
    [now],
  );
  const receivers = await em.execute<{ channel: 'mail' | 'webhook'; endpoint: string; failing_since: string }[]>(
    'select channel, endpoint, failing_since from notice_receiver',
  );
  const logouts = await em.execute<{ application: string; waiting: string; ended_at: string | null; failed: string }[]>(
    `select application, count(*) filter (where status = 'waiting') as waiting, min(ended_at) filter (where status = 'waiting') as ended_at,
       count(*) filter (where status <> 'waiting' and expires_at > ?) as failed
     from logout_notice where status in ('waiting', 'refused', 'abandoned') group by application`,
    [now],
  );
  const connections = await em.execute<{ kind: ConnectionKind; name: string; is_working: boolean; checked_at: string }[]>(
    'select kind, name, is_working, checked_at from connection_check where checked_at is not null',
  );
  const [batches] = await em.execute<{ under_way: string; oldest: string | null }[]>(
    `select count(*) as under_way, min(coalesce(released_at, created_at)) as oldest from wave where finished_at is null and standing = 'free'`,
  );
  const findings = await em.execute<{ target: string; kind: FindingKind; count: string; first_seen_at: string }[]>(
    'select target, kind, count(*), min(first_seen_at) as first_seen_at from finding where closed_at is null group by target, kind',
  );
  const completeRuns = await em.execute<{ target: string; started_at: string }[]>(
    `select target, max(started_at) as started_at from reconciliation_run where verdict = 'complete' group by target`,
  );
  const observed = await em.execute<{ target: string }[]>(`select target from target_mode where mode = 'observe' order by target`);
  const quarantined = await em.execute<{ target: string; state: QuarantineState | 'failed'; count: string }[]>(
    `select target, case when failure is null then state else 'failed' end as state, count(*) from quarantined_account where ended_at is null group by 1, 2 order by 1, 2`,
  );
  const corrections = await em.execute<{ target: string; count: string }[]>(
    `select w.origin->>'target' as target, count(*) from wave w join batch_item i on i.batch_id = w.id and i.result = 'pending'
     where w.origin->>'kind' = 'corrections' and w.standing = 'held' group by 1 order by 1`,
  );
  const sources = await em.execute<{ source: string; at: string }[]>('select source, at from source_contact');
  const [size] = await em.execute<{ bytes: string }[]>('select pg_database_size(current_database()) as bytes');
  const tables = await em.execute<{ table: string; bytes: string; rows: string }[]>(largestTables);
  return {
    outbox,
    findings: findings.map(({ target, kind, count, first_seen_at: at }) => ({
      target,
      kind,
      count: Number(count),
      oldest: Math.max(0, Date.parse(now) - Date.parse(at)),
    })),
    observedTargets: observed.map(({ target }) => target),
    quarantined: quarantined.map(({ count, ...one }) => ({ ...one, count: Number(count) })),
    correctionsWaiting: corrections.map(({ target, count }) => ({ target, count: Number(count) })),
    completeRuns: completeRuns.map(({ target, started_at: at }) => ({ target, age: Math.max(0, Date.parse(now) - Date.parse(at)) })),
    sources: sources.map(({ source, at }) => ({ source, age: Math.max(0, Date.parse(now) - Date.parse(at)) })),
    size: { bytes: Number(size?.bytes ?? 0), tables: tables.map(({ table, bytes, rows }) => ({ table, bytes: Number(bytes), rows: Number(rows) })) },
    connections: connections.map(({ kind, name, is_working: isWorking, checked_at: at }) => ({
      kind,
      name,
      isWorking,
      age: Math.max(0, Date.parse(now) - Date.parse(at)),
    })),
    batches: { underWay: Number(batches?.under_way ?? 0), oldest: batches?.oldest ? Math.max(0, Date.parse(now) - Date.parse(batches.oldest)) : 0 },
    cases: { ...noCases, ...Object.fromEntries(cases.map(({ kind, count }) => [kind, Number(count)])) },
    overdueCases: { ...noCases, ...Object.fromEntries(cases.map(({ kind, overdue }) => [kind, Number(overdue)])) },
    holds: { ...noSuspensions, ...Object.fromEntries(suspensions.map(({ kind, count }) => [kind, Number(count)])) },
    operations: operations.map(({ count, ...operation }) => ({ ...operation, count: Number(count) })),
    ends: ends.map(({ target, waiting, oldest }) => ({ target, waiting: Number(waiting), oldest: Math.max(0, Date.parse(now) - Date.parse(oldest)) })),
    untriedEnds: ends.flatMap(({ target, untried }) => (untried === null ? [] : [{ target, oldest: Math.max(0, Date.parse(now) - Date.parse(untried)) }])),
    observations: observations.map((one) => ({ ...one, count: Number(one.count) })),
    overdue: { ...noTimers, ...Object.fromEntries(late.map(({ kind, count }) => [kind, Number(count)])) },
    notices: notifications.map(({ channel, endpoint, waiting, oldest }) => ({
      channel,
      endpoint,
      waiting: Number(waiting),
      oldest: Math.max(0, Date.parse(now) - Date.parse(oldest)),
    })),
    logouts: logouts.map(({ application, waiting, ended_at: at, failed }) => ({
      application,
      waiting: Number(waiting),
      oldest: at === null ? 0 : Math.max(0, Date.parse(now) - Date.parse(at)),
      failed: Number(failed),
    })),
    receivers: receivers.map(({ channel, endpoint, failing_since: since }) => ({
      channel,
      endpoint,
      failing: Math.max(0, Date.parse(now) - Date.parse(since)),
    })),
  };
}
