import type { EntityManager } from '@mikro-orm/postgresql';
import type { EvaluatedReading, Instant, ReadingReason, ReadingVerdict } from '@tenure/domain';
import { fromJsonRow, readRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';

/** Triggers of a run: the target's schedule, a request, or the recovery of the target. */
export const RUN_TRIGGERS = ['schedule', 'request', 'recovery'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

/** Steps of a run after its accounts are read, in their order. */
export const RUN_STEPS = ['look', 'own', 'join', 'compare-read', 'compare-unread', 'keep-others', 'further', 'finish'] as const;
export type RunStep = (typeof RUN_STEPS)[number];

/** Progress of a run after its accounts are read, saved together with the findings of each chunk. */
export interface RunProgress {
  readonly step: RunStep;
  /** Last row of the step that is done; `null`: none. */
  readonly after: string | null;
  /** Number of listed accounts that were requested alone. */
  readonly looks: number;
  /** Id of the last account that the listing lacks and that was requested; `null`: none was, or the next run begins with the first one. Absent as `null`. */
  readonly unlistedTo?: string | null;
  /**
   * The target's id of the last listed account that the run before has requested, if not all could be: this run requests those after it. From the end of the
   * comparison on, that of this run. `null`: all. Absent as `null`.
   */
  readonly listedTo?: string | null;
  /** The target's id of the last listed account that this run has requested. Absent: none yet. */
  readonly lastLooked?: string;
  readonly found: number;
  readonly opened: number;
  readonly unproven: number;
}

/** A reconciliation run, which reads a whole target. */
export interface ReconciliationRun {
  readonly id: string;
  readonly target: string;
  readonly trigger: RunTrigger;
  /** Kind and id of the actor that requested it; `null`: nobody did. */
  readonly requestedBy: string | null;
  readonly reason: string | null;
  /** True if its size is not compared with that of the last accepted run. */
  readonly expectsFewer: boolean;
  readonly requestedAt: Instant;
  /** When a worker began it; `null`: it waits for a worker. */
  readonly startedAt: Instant | null;
  /** When the last page was read; `null`: not yet, or never. */
  readonly readAt: Instant | null;
  readonly finishedAt: Instant | null;
  /** Time before which it does not begin: the end of quiet hours; `null`: it does not wait for them. */
  readonly waitsUntil: Instant | null;
  /** Canaries that the listing lacks: user names of the configuration, and ids of accounts of Tenure. */
  readonly missingCanaries: readonly string[];
  /** Token of the next page; `null`: the first, or none follows. */
  readonly nextPage: string | null;
  readonly pages: number;
  /** Number of different accounts that were read; until all are read, repeated ones are among them. */
  readonly accounts: number;
  readonly repeated: number;
  /** Total number of accounts that the target announced last; `null`: none. */
  readonly total: number | null;
  readonly totalChanged: boolean;
  readonly isByPosition: boolean;
  readonly doubt: string | null;
  /** Error that ended the run; `null`: none, or it is retried. */
  readonly failure: { readonly code: string; readonly reason: string | null } | null;
  /** Progress after its accounts were read; `null`: it has not come to that. */
  readonly progress: RunProgress | null;
  /** Verdict on the run; `null`: it is not finished. */
  readonly verdict: ReadingVerdict | null;
  readonly reasons: readonly ReadingReason[];
  /** Number of findings that it showed; this and the following are `null` until it is finished. */
  readonly found: number | null;
  /** Number of new findings. */
  readonly opened: number | null;
  /** Number of findings that it closed. */
  readonly closed: number | null;
  /** Number of differences that could not be proved. */
  readonly unproven: number | null;
  /** Number of accounts of known people about which the run, if complete, cannot speak: see `UnprovenAccounts`. */
  readonly silent: number;
}

/** A page that a run has read. */
export interface RunPage {
  readonly accounts: number;
  readonly total: number | null;
  readonly isByPosition: boolean;
  readonly doubt: string | null;
  readonly nextPage: string | null;
}

/** Counts of a finished run. */
export type RunResult = Pick<ReconciliationRun, 'found' | 'opened' | 'closed' | 'unproven'>;

export interface ReconciliationRuns {
  /** Requests a run of a target. If one waits already, it takes over the arguments of the request. */
  request(wanted: Pick<ReconciliationRun, 'id' | 'target' | 'trigger' | 'requestedBy' | 'reason' | 'expectsFewer'>, now: Instant): Promise<ReconciliationRun>;
  /** Waiting runs that may begin at `now` and were not started in Temporal since `before`. */
  waiting(before: Instant, limit: number, now: Instant): Promise<readonly Pick<ReconciliationRun, 'id' | 'target'>[]>;
  handed(ids: readonly string[], now: Instant): Promise<void>;
  /**
   * Begins the waiting run of a target, or a new scheduled one.
   * @param id of the new run
   * @returns the run, and ids of runs of the target that a lost worker has left behind, which are ended
   */
  begin(id: string, target: string, now: Instant): Promise<{ readonly run: ReconciliationRun; readonly abandoned: readonly string[] }>;
  get(id: string): Promise<ReconciliationRun | null>;
  /**
   * Has the next run of a target begin at an instant: the waiting one, or a new scheduled one. A run that a person requested is not postponed.
   * @param id of the new run
   * @returns false where a person has requested it
   */
  postpone(id: string, target: string, until: Instant, now: Instant): Promise<boolean>;
  /** True if a person has requested a run of the target that waits. */
  isRequested(target: string): Promise<boolean>;
  /** Records which canaries the listing of a run lacks. */
  lacks(id: string, canaries: readonly string[]): Promise<void>;
  /** Records a page of a run, with the token of the next one. Fails where another worker has gone on with the run. @param run as it was read */
  addPage(run: Pick<ReconciliationRun, 'id' | 'pages'>, page: RunPage, now: Instant): Promise<ReconciliationRun>;
  /** Records that so many of the accounts that were read are repeated ones. */
  hasRepeated(id: string, repeated: number): Promise<ReconciliationRun>;
  failed(id: string, failure: ReconciliationRun['failure']): Promise<void>;
  /** Records what is done after the accounts were read. Fails where another worker has gone on with the run. @param run as it was read */
  advance(run: Pick<ReconciliationRun, 'id' | 'progress'>, progress: RunProgress): Promise<ReconciliationRun>;
  finish(id: string, evaluated: EvaluatedReading, result: RunResult, now: Instant): Promise<ReconciliationRun>;
  /** Positions at which the looks of the newest finished run of a target ended. */
  lookedTo(target: string): Promise<Pick<RunProgress, 'unlistedTo' | 'listedTo'>>;
  /** The newest complete run of a target. */
  lastComplete(target: string): Promise<ReconciliationRun | null>;
  /** The newest run of a target that began at an instant or later and was believed: complete or partial. */
  lastBelieved(target: string, since: Instant): Promise<ReconciliationRun | null>;
  /** A page of runs, the newest first. */
  page(
    filter: Partial<Pick<ReconciliationRun, 'target' | 'verdict'>>,
    limit: number,
    before: { readonly at: Instant; readonly id: string } | null,
  ): Promise<readonly ReconciliationRun[]>;
}

export function createReconciliationRuns(em: EntityManager): ReconciliationRuns {
  const one = async (text: string, values: readonly unknown[]): Promise<ReconciliationRun | null> =>
    (await readRows<ReconciliationRun>(em, text, values))[0] ?? null;
  const get = (id: string): Promise<ReconciliationRun | null> => one('select * from reconciliation_run where id = $1', [id]);
  async function changed(id: string, text: string, values: readonly unknown[]): Promise<ReconciliationRun> {
    await run(em, text, values);
    const found = await get(id);
    if (found === null) throw new Error(`there is no reconciliation run ${id}`);
    return found;
  }
  return {
    get,
    async request({ id, target, trigger, requestedBy, reason, expectsFewer }, now) {
      const rows = await run<{ id: string }>(
        em,
        `insert into reconciliation_run (id, target, trigger, requested_by, reason, expects_fewer, requested_at) values ($1, $2, $3, $4, $5, $6, $7::timestamptz)
         on conflict (target) where started_at is null and finished_at is null do update set trigger = case when excluded.trigger = 'request' then 'request' else reconciliation_run.trigger end,
           requested_by = coalesce(excluded.requested_by, reconciliation_run.requested_by), reason = coalesce(excluded.reason, reconciliation_run.reason),
           expects_fewer = reconciliation_run.expects_fewer or excluded.expects_fewer,
           waits_until = case when excluded.trigger <> 'request' then reconciliation_run.waits_until end,
           handed_at = case when excluded.trigger <> 'request' or reconciliation_run.waits_until is null then reconciliation_run.handed_at end returning id`,
        [id, target, trigger, requestedBy, reason, expectsFewer, now],
      );
      const found = await get(rows[0]?.id ?? id);
      if (found === null) throw new Error('an upsert answered with nothing');
      return found;
    },
    waiting: (before, limit, now) =>
      run(
        em,
        `select id, target from reconciliation_run where started_at is null and finished_at is null and (handed_at is null or handed_at < $1::timestamptz)
           and (waits_until is null or waits_until <= $3::timestamptz) order by requested_at limit $2 for update skip locked`,
        [before, limit, now],
      ),
    async postpone(id, target, until, now) {
      const rows = await run<{ trigger: RunTrigger }>(
        em,
        `insert into reconciliation_run (id, target, trigger, requested_at, waits_until) values ($1, $2, 'schedule', $4::timestamptz, $3::timestamptz)
         on conflict (target) where started_at is null and finished_at is null do update set
           waits_until = case when reconciliation_run.trigger <> 'request' then excluded.waits_until end,
           handed_at = case when reconciliation_run.trigger = 'request' then reconciliation_run.handed_at end returning trigger`,
        [id, target, until, now],
      );
      return rows[0]?.trigger !== 'request';
    },
    async isRequested(target) {
      const rows = await run(em, `select 1 from reconciliation_run where target = $1 and trigger = 'request' and started_at is null and finished_at is null`, [
        target,
      ]);
      return rows.length > 0;
    },
    lacks: async (id, canaries) => {
      await run(em, 'update reconciliation_run set missing_canaries = $2::jsonb where id = $1', [id, JSON.stringify(canaries)]);
    },
    async handed(ids, now) {
      if (ids.length > 0) await run(em, 'update reconciliation_run set handed_at = $2::timestamptz where id = any($1::uuid[])', [ids, now]);
    },
    async begin(id, target, now) {
      const left = await run<{ id: string }>(
        em,
        `update reconciliation_run set finished_at = $2::timestamptz, verdict = 'partial', reasons = '["unfinished"]', found = 0, opened = 0, closed = 0, unproven = 0
         where target = $1 and started_at is not null and finished_at is null returning id`,
        [target, now],
      );
      const begun = await run<{ id: string }>(
        em,
        'update reconciliation_run set started_at = $2::timestamptz where target = $1 and started_at is null and finished_at is null returning id',
        [target, now],
      );
      if (begun.length === 0)
        await run(
          em,
          `insert into reconciliation_run (id, target, trigger, requested_at, started_at) values ($1, $2, 'schedule', $3::timestamptz, $3::timestamptz)`,
          [id, target, now],
        );
      const found = await get(begun[0]?.id ?? id);
      if (found === null) throw new Error('a run that was begun is not there');
      return { run: found, abandoned: left.map((row) => row.id) };
    },
    async addPage({ id, pages }, { accounts, total, isByPosition, doubt, nextPage }, now) {
      // Rows are lost with a crash of the database anyway, and that is noticed: the next page need not wait for the disk.
      await send(em, 'set local synchronous_commit = off', []);
      const [row] = await run<{ row: string }>(
        em,
        `with x as (update reconciliation_run set pages = pages + 1, accounts = accounts + $2,
             total_changed = total_changed or (pages > 0 and total is distinct from $3::int), total = $3::int, is_by_position = $4, doubt = coalesce(doubt, $5), next_page = $6, failure = null,
             read_at = case when $6::text is null then $7::timestamptz end where id = $1 and pages = $8 and finished_at is null returning *)
         select to_json(x)::text as row from x`,
        [id, accounts, total, isByPosition, doubt, nextPage, now, pages],
      );
      if (row === undefined) throw new Error(`another worker goes on with the reconciliation run ${id}`);
      return fromJsonRow(JSON.parse(row.row) as Readonly<Record<string, unknown>>);
    },
    hasRepeated: (id, repeated) =>
      changed(id, 'update reconciliation_run set accounts = accounts - $2, repeated = repeated + $2 where id = $1', [id, repeated]),
    failed: async (id, failure) => {
      await run(em, 'update reconciliation_run set failure = $2::jsonb where id = $1', [id, failure === null ? null : JSON.stringify(failure)]);
    },
    async advance({ id, progress: before }, progress) {
      const advanced = await run(
        em,
        'update reconciliation_run set progress = $3::jsonb where id = $1 and finished_at is null and progress is not distinct from $2::jsonb returning 1',
        [id, before === null ? null : JSON.stringify(before), JSON.stringify(progress)],
      );
      if (advanced.length === 0) throw new Error(`another worker goes on with the reconciliation run ${id}`);
      const found = await get(id);
      if (found === null) throw new Error(`there is no reconciliation run ${id}`);
      return found;
    },
    finish: (id, { verdict, reasons }, { found, opened, closed, unproven }, now) =>
      changed(
        id,
        `update reconciliation_run set finished_at = $2::timestamptz, verdict = $3, reasons = $4::jsonb, found = $5, opened = $6, closed = $7, unproven = $8, next_page = null where id = $1`,
        [id, now, verdict, JSON.stringify(reasons), found, opened, closed, unproven],
      ),
    async lookedTo(target) {
      const last = await one(
        `select * from reconciliation_run where target = $1 and finished_at is not null and progress is not null order by requested_at desc, id desc limit 1`,
        [target],
      );
      return { unlistedTo: last?.progress?.unlistedTo ?? null, listedTo: last?.progress?.listedTo ?? null };
    },
    lastComplete: (target) =>
      one(`select * from reconciliation_run where target = $1 and verdict = 'complete' order by requested_at desc, id desc limit 1`, [target]),
    lastBelieved: (target, since) =>
      one(
        `select * from reconciliation_run where target = $1 and verdict in ('complete', 'partial') and started_at >= $2::timestamptz order by started_at desc, id desc limit 1`,
        [target, since],
      ),
    page: ({ target, verdict }, limit, before) =>
      readRows(
        em,
        `select * from reconciliation_run where ($1::text is null or target = $1) and ($2::text is null or verdict = $2)
           and ($3::timestamptz is null or (requested_at, id) < ($3::timestamptz, $4::uuid)) order by requested_at desc, id desc limit $5`,
        [target ?? null, verdict ?? null, before?.at ?? null, before?.id ?? null, limit],
      ),
  };
}
