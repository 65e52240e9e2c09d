import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, QuarantineState } from '@tenure/domain';
import { readRows, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** An account of nobody that is disabled, and deleted after a grace. The row is its mark: nothing is written into the account for it. */
export interface QuarantinedAccount {
  readonly id: string;
  readonly target: string;
  readonly nativeId: string;
  readonly userName: string;
  readonly findingId: string;
  /** Batch change by which it came here; `null`: none. */
  readonly batchId: string | null;
  readonly state: QuarantineState;
  /** State before; `null`: not known yet, or the target does not report it. */
  readonly wasEnabled: boolean | null;
  /** Memberships of managed groups before; `null`: it was not looked at yet. */
  readonly memberships: readonly { readonly entitlement: string; readonly groupId: string | null }[] | null;
  /** Number of attempts at the present step that failed. */
  readonly attempts: number;
  /** Reason for which a person has to look at it; `null`: none. */
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** When a worker has to work on it next; `null`: it waits for a person. */
  readonly nextAt: Instant | null;
  readonly createdAt: Instant;
  /** When it was read back as disabled, without memberships. */
  readonly disabledAt: Instant | null;
  readonly deleteAt: Instant | null;
  /** When it left the quarantine; `null`: it is in it. */
  readonly endedAt: Instant | null;
  /** How it left the quarantine. */
  readonly endReason: string | null;
  /** Reason of the person who has it restored; `null`: nobody has. */
  readonly restoreReason: string | null;
  readonly correlationId: string;
}

export type NewQuarantine = Pick<QuarantinedAccount, 'id' | 'target' | 'nativeId' | 'userName' | 'findingId' | 'batchId'>;

export interface QuarantineFilter {
  readonly target?: string;
  readonly isOpen?: boolean;
}

export interface QuarantinedAccounts {
  /** Puts accounts into quarantine, to be worked on from now; one that failed before is tried again, one that is in it already stays as it is. */
  plan(accounts: readonly NewQuarantine[], correlationId: string, now: Instant): Promise<void>;
  get(id: string): Promise<QuarantinedAccount | null>;
  /** Reads an account and locks it until the transaction ends. */
  lock(id: string): Promise<QuarantinedAccount | null>;
  save(account: QuarantinedAccount): Promise<void>;
  /** Targets with accounts on which a worker has to work now. */
  dueTargets(now: Instant, limit: number): Promise<readonly string[]>;
  /** Accounts of a target on which a worker has to work now, the oldest first. */
  due(target: string, now: Instant, limit: number): Promise<readonly QuarantinedAccount[]>;
  /** Accounts that this run has shown as enabled though they are in quarantine. */
  enabledAgain(target: string, runId: string): Promise<readonly QuarantinedAccount[]>;
  /** Accounts that wait for a person, and that a complete run has not shown as accounts of nobody. */
  settledOtherwise(target: string): Promise<readonly QuarantinedAccount[]>;
  /** Number of accounts that wait for a person, by reason. */
  failures(target: string): Promise<readonly { readonly code: string; readonly message: string; readonly accounts: number }[]>;
  /** Has the accounts of a target worked on later. */
  postpone(target: string, until: Instant): Promise<void>;
  /** True if an account of the target with this id, or without an id under this user name, is known to Tenure, or if it may be a person's by its keys. */
  isKnown(target: string, nativeId: string, userName: string): Promise<boolean>;
  openOf(target: string, nativeId: string): Promise<QuarantinedAccount | null>;
  page(filter: QuarantineFilter, limit: number, before: { readonly at: Instant; readonly id: string } | null): Promise<readonly QuarantinedAccount[]>;
  count(filter: QuarantineFilter): Promise<number>;
}

const where = '($1::text is null or target = $1) and ($2::boolean is null or (ended_at is null) = $2)';

export function createQuarantinedAccounts(em: EntityManager): QuarantinedAccounts {
  const read = (text: string, values: readonly unknown[]): Promise<QuarantinedAccount[]> => readRows(em, text, values);
  return {
    async plan(accounts, correlationId, now) {
      if (accounts.length === 0) return;
      await run(
        em,
        `insert into quarantined_account as q (id, target, native_id, user_name, finding_id, batch_id, state, next_at, created_at, correlation_id)
         select r.id, r.target, r.native_id, r.user_name, r.finding_id, r.batch_id, 'planned', $2::timestamptz, $2::timestamptz, $3
         from jsonb_to_recordset($1::jsonb) r (id uuid, target text, native_id text, user_name text, finding_id uuid, batch_id uuid)
         on conflict (target, native_id) where ended_at is null do update set state = 'planned', attempts = 0, failure = null, next_at = excluded.next_at, delete_at = null,
           finding_id = excluded.finding_id, batch_id = excluded.batch_id, user_name = excluded.user_name, correlation_id = excluded.correlation_id where q.failure is not null`,
        [toJsonRows(accounts), now, correlationId],
      );
    },
    get: async (id) => (await read('select * from quarantined_account where id = $1', [id]))[0] ?? null,
    lock: async (id) => (await read('select * from quarantined_account where id = $1 for update', [id]))[0] ?? null,
    async save({ id, state, wasEnabled, memberships, attempts, failure, nextAt, disabledAt, deleteAt, endedAt, endReason, restoreReason }) {
      await run(
        em,
        `update quarantined_account set state = $2, was_enabled = $3, memberships = $4::jsonb, attempts = $5, failure = $6::jsonb, next_at = $7::timestamptz, disabled_at = $8::timestamptz,
           delete_at = $9::timestamptz, ended_at = $10::timestamptz, end_reason = $11, restore_reason = $12 where id = $1`,
        [
          id,
          state,
          wasEnabled,
          memberships === null ? null : JSON.stringify(memberships),
          attempts,
          failure === null ? null : JSON.stringify(failure),
          nextAt,
          disabledAt,
          deleteAt,
          endedAt,
          endReason,
          restoreReason,
        ],
      );
    },
    async dueTargets(now, limit) {
      const rows = await run<{ target: string }>(
        em,
        'select distinct target from quarantined_account where ended_at is null and next_at <= $1::timestamptz order by target limit $2',
        [now, limit],
      );
      return rows.map(({ target }) => target);
    },
    due: (target, now, limit) =>
      read('select * from quarantined_account where target = $1 and ended_at is null and next_at <= $2::timestamptz order by next_at, id limit $3', [
        target,
        now,
        limit,
      ]),
    enabledAgain: (target, runId) =>
      read(
        `select q.* from quarantined_account q join finding f on f.target = q.target and f.native_id = q.native_id and f.kind = 'orphan-account' and f.closed_at is null
           join reconciliation_run r on r.id = f.run_id
         where q.target = $1 and q.ended_at is null and q.state = 'quarantined' and q.failure is null and f.run_id = $2::uuid and f.evidence->>'enabled' = 'true'
           and r.started_at > q.disabled_at for update of q`,
        [target, runId],
      ),
    settledOtherwise: (target) =>
      read(
        `select q.* from quarantined_account q where q.target = $1 and q.ended_at is null and q.failure is not null
           and not exists (select 1 from finding f where f.target = q.target and f.native_id = q.native_id and f.kind = 'orphan-account' and f.closed_at is null) for update of q`,
        [target],
      ),
    failures: (target) =>
      run(
        em,
        `select failure->>'code' as code, max(failure->>'message') as message, count(*)::int as accounts from quarantined_account
         where target = $1 and ended_at is null and failure is not null group by 1 order by 1`,
        [target],
      ),
    postpone: async (target, until) =>
      void (await run(em, 'update quarantined_account set next_at = $2::timestamptz where target = $1 and ended_at is null and next_at < $2::timestamptz', [
        target,
        until,
      ])),
    async isKnown(target, nativeId, userName) {
      const rows = await run(
        em,
        `select 1 from account where target = $1 and (native_id = $2 or (native_id is null and desired->>'state' <> 'absent' and lower(user_name) = lower($3)))
         union all select 1 from finding where target = $1 and native_id = $2 and kind in ('ownable-account', 'duplicate-account') and closed_at is null limit 1`,
        [target, nativeId, userName],
      );
      return rows.length > 0;
    },
    openOf: async (target, nativeId) =>
      (await read('select * from quarantined_account where target = $1 and native_id = $2 and ended_at is null', [target, nativeId]))[0] ?? null,
    page: ({ target, isOpen }, limit, before) =>
      read(
        `select * from quarantined_account where ${where} and ($3::timestamptz is null or (created_at, id) < ($3::timestamptz, $4::uuid)) order by created_at desc, id desc limit $5`,
        [target ?? null, isOpen ?? null, before?.at ?? null, before?.id ?? null, limit],
      ),
    async count({ target, isOpen }) {
      const [row] = await run<{ count: string }>(em, `select count(*) from quarantined_account where ${where}`, [target ?? null, isOpen ?? null]);
      return Number(row?.count);
    },
  };
}
