import type { EntityManager } from '@mikro-orm/postgresql';
import type { AcceptedWrites, DesiredAccount, Instant, Lifecycle, StagedAccount } from '@tenure/domain';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run, runOnce } from '../database/statement.ts';

/** An account as read from the target, joined with that of Tenure; one of the two may be missing. */
export interface JoinedRow {
  readonly staged: StagedAccount | null;
  readonly account: {
    readonly id: string;
    readonly identityId: string;
    readonly nativeId: string | null;
    readonly userName: string;
    readonly desired: DesiredAccount;
    readonly existed: boolean;
    readonly accepted: AcceptedWrites;
    readonly desiredSince: Instant;
    /** When it was last confirmed; `null`: it is not confirmed. */
    readonly confirmedAt: Instant | null;
    /** True if operations are pending. */
    readonly isPending: boolean;
    readonly state: Lifecycle['state'];
  } | null;
  /** Identity whose id is the mark of an account that Tenure does not know as theirs; `null`: none. */
  readonly marked: { readonly identityId: string; readonly state: Lifecycle['state'] } | null;
}

/** Accounts that one run has read: a table in the schema `staging`, unlogged, so it is empty after a crash of the database. */
export interface Staging {
  create(runId: string): Promise<void>;
  /** Drops the table of a run, if there is one. */
  drop(runId: string): Promise<void>;
  /** Ids of runs that have a table. */
  runs(): Promise<readonly string[]>;
  /** Adds a page. @returns number of its accounts that no earlier page had */
  addPage(runId: string, accounts: readonly StagedAccount[]): Promise<number>;
  /** Number of rows; `null`: there is no table. */
  count(runId: string): Promise<number | null>;
  /** Collects statistics of the filled table for the planner. */
  analyze(runId: string): Promise<void>;
  /** A page of accounts that were read, in the order of ids. @param after last id of the previous page */
  readAccounts(runId: string, target: string, after: string | null, limit: number): Promise<readonly JoinedRow[]>;
  /** Accounts that should exist, existed before and were not read. Those confirmed last come first: they are the canaries of the run. */
  unreadAccounts(runId: string, target: string, limit: number): Promise<readonly JoinedRow[]>;
  /** Number of accounts of a target that a run should show. */
  known(target: string): Promise<number>;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Name of a run's table. The id is checked, since names of tables cannot be passed as values. */
function tableOf(runId: string): string {
  if (!uuid.test(runId)) throw new Error('not the id of a run');
  return `staging.run_${runId.replaceAll('-', '')}`;
}

const accountColumns = `jsonb_build_object('id', a.id, 'identityId', a.identity_id, 'nativeId', a.native_id, 'userName', a.user_name, 'desired', a.desired, 'existed', a.existed, 'accepted', a.accepted,
  'desiredSince', to_char(a.desired_since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'confirmedAt', to_char(a.confirmed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'isPending', exists (select 1 from operation o where o.account_id = a.id and o.status = 'pending'),
  'state', (select i.state from identity i where i.id = a.identity_id))`;

/** Expression for the mark as an identity's id; null for any other text, which others have written there. */
const marked = `case when s.external_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then s.external_id::uuid end`;

/** Condition that a run has not read an account. Rows match by the target's id, or by the mark where Tenure does not know that id. */
const isNotRead = (table: string): string => `not exists (select 1 from ${table} s where s.native_id = a.native_id collate "C")
  and not (a.native_id is null and exists (select 1 from ${table} s where s.external_id = a.identity_id::text))`;

export function createStaging(em: EntityManager): Staging {
  async function joined(text: string, values: readonly unknown[]): Promise<JoinedRow[]> {
    const rows = await runOnce<{ row: string }>(em, `select to_json(x)::text as row from (${text}) x`, values);
    return rows.map(({ row }) => fromJsonRow<JoinedRow>(JSON.parse(row) as Readonly<Record<string, unknown>>));
  }
  const accountsOf = (where: string, order: string, values: readonly unknown[]): Promise<JoinedRow[]> =>
    joined(`select null as staged, ${accountColumns} as account, null as marked from account a where ${where} order by ${order}`, values);
  return {
    async create(runId) {
      const table = tableOf(runId);
      await runOnce(
        em,
        `create unlogged table ${table} (native_id text collate "C" primary key, user_name text not null, external_id text null, enabled boolean null, attributes jsonb not null, entitlements jsonb not null)`,
        [],
      );
      await runOnce(em, `create index on ${table} (external_id) where external_id is not null`, []);
    },
    drop: async (runId) => {
      await runOnce(em, `drop table if exists ${tableOf(runId)}`, []);
    },
    async runs() {
      const rows = await run<{ name: string }>(
        em,
        `select relname as name from pg_class where relnamespace = 'staging'::regnamespace and relkind = 'r' and relname like 'run\\_%'`,
        [],
      );
      return rows.map(({ name }) => name.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
    },
    async addPage(runId, accounts) {
      if (accounts.length === 0) return 0;
      const rows = await runOnce(
        em,
        `insert into ${tableOf(runId)} select r.* from jsonb_to_recordset($1::jsonb) r (native_id text, user_name text, external_id text, enabled boolean, attributes jsonb, entitlements jsonb)
         on conflict do nothing returning 1`,
        [toJsonRows(accounts)],
      );
      return rows.length;
    },
    async count(runId) {
      const table = tableOf(runId);
      const [found] = await run<{ is_there: boolean }>(em, 'select to_regclass($1) is not null as is_there', [table]);
      if (found?.is_there !== true) return null;
      const [row] = await runOnce<{ count: string }>(em, `select count(*) from ${table}`, []);
      return Number(row?.count);
    },
    analyze: async (runId) => {
      await runOnce(em, `analyze ${tableOf(runId)}`, []);
    },
    readAccounts: (runId, target, after, limit) =>
      joined(
        `select jsonb_build_object('nativeId', s.native_id, 'userName', s.user_name, 'externalId', s.external_id, 'enabled', s.enabled, 'attributes', s.attributes, 'entitlements', s.entitlements) as staged,
           case when a.id is not null then ${accountColumns} end as account,
           (select jsonb_build_object('identityId', m.id, 'state', m.state) from identity m where a.id is null and m.id = ${marked}) as marked
         from ${tableOf(runId)} s left join lateral (
           select x.* from account x where x.target = $1 and x.native_id = s.native_id collate "default"
           union all select x.* from account x where x.target = $1 and x.native_id is null and x.identity_id = ${marked} limit 1) a on true
         where $2::text is null or s.native_id > $2 order by s.native_id limit $3`,
        [target, after, limit],
      ),
    unreadAccounts: (runId, target, limit) =>
      accountsOf(
        `a.target = $1 and a.existed and a.desired->>'state' <> 'absent' and a.desired->'onlyExisting' is distinct from 'true'::jsonb and ${isNotRead(tableOf(runId))}`,
        'a.confirmed_at desc nulls last, a.id limit $2',
        [target, limit],
      ),
    async known(target) {
      const [row] = await run<{ count: string }>(
        em,
        `select count(*) from account where target = $1 and confirmed_at is not null and desired->>'state' <> 'absent' and jsonb_typeof(observed) = 'object'`,
        [target],
      );
      return Number(row?.count);
    },
  };
}
