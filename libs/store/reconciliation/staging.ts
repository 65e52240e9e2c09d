import type { EntityManager } from '@mikro-orm/postgresql';
import { InputInvalid, type StagedAccount } from '@tenure/domain';
import { unstorableText } from '../database/unstorable-text.ts';
import { toJsonRows } from '../database/rows.ts';
import { copied } from '../database/copy-in.ts';
import { copyIn, run, runOnce } from '../database/statement.ts';
import { accountColumns, type JoinedRow, readJoined } from './joined-row.ts';
import { tablesOf } from './run-tables.ts';

/** An account of a page, with a hash of all of it that differences follow from. */
export interface StagedRow extends StagedAccount {
  readonly hash: string;
}

/** A membership that a target lists by group. */
export interface StagedMembership {
  readonly nativeId: string;
  readonly entitlement: string;
  /** True if policy knows the group. */
  readonly isKnown: boolean;
}

/** Accounts that one run has read: a table in the schema `staging`, unlogged, so it is empty after a crash of the database. */
export interface Staging {
  /** Creates the tables of a run: of the accounts that it reads, and of those that it requests one by one. */
  create(runId: string): Promise<void>;
  /** Drops the tables of a run, if they exist. */
  drop(runId: string): Promise<void>;
  /** Ids of runs that have a table. */
  runs(): Promise<readonly string[]>;
  /** Adds a page. Accounts that an earlier page had are added too, until the table is completed. @throws InputInvalid for a text that PostgreSQL does not accept */
  addPage(runId: string, accounts: readonly StagedRow[]): Promise<void>;
  /** Adds a page of memberships that the target lists by group. */
  addMemberships(runId: string, memberships: readonly StagedMembership[]): Promise<void>;
  /** Number of rows; `null`: there is no table. */
  count(runId: string): Promise<number | null>;
  /**
   * Prepares the filled table for comparing: of accounts that were read several times it keeps the first row, gives memberships that were listed by group
   * to the accounts that list none themselves, and makes the indexes and the statistics for the planner. @returns number of the deleted rows
   */
  complete(runId: string): Promise<number>;
  /** A page of the accounts that have to be compared, in the order of ids. @param after last id of the previous page */
  readAccounts(runId: string, target: string, after: string | null, limit: number): Promise<readonly JoinedRow[]>;
  /** Number of accounts of a target that a run should show. */
  known(target: string): Promise<number>;
}

/** Expression for the mark as an identity's id; null for any other text, which others have written there. */
const marked = `case when s.external_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then s.external_id::uuid end`;

/** Rows of a page in the text format of `copy`. Accounts of a page that are in the same groups share their list, so its text is made once. */
export function copyRows(accounts: readonly StagedRow[]): string {
  const lists = new Map<readonly string[], string>();
  let rows = '';
  for (const { nativeId, userName, externalId, enabled, attributes, entitlements, hash } of accounts) {
    let list = lists.get(entitlements);
    if (list === undefined) {
      // In JSON both would pass, and fail when the row is used.
      if (!entitlements.every((name) => name.isWellFormed() && !name.includes('\0'))) throw new InputInvalid(unstorableText);
      list = copied(JSON.stringify(entitlements));
      lists.set(entitlements, list);
    }
    rows += `${copied(nativeId)}\t${copied(userName)}\t${copied(externalId)}\t${enabled === null ? '\\N' : enabled}\t${copied(JSON.stringify(attributes))}\t${list}\t${hash}\n`;
  }
  // Half a surrogate pair would become another character. PostgreSQL refuses NUL itself.
  if (!rows.isWellFormed()) throw new InputInvalid(unstorableText);
  return rows;
}

export function createStaging(em: EntityManager): Staging {
  return {
    async create(runId) {
      const { read, looks, memberships, different, signs } = tablesOf(runId);
      // Without an index until all pages are there, and with JSON as it is: what is written here is read once, or never.
      await runOnce(
        em,
        `create unlogged table ${read} (native_id text collate "C" not null, user_name text not null, external_id text null, enabled boolean null, attributes json not null, entitlements json not null, hash text not null)`,
        [],
      );
      await runOnce(em, `create unlogged table ${looks} (position int primary key, account_id uuid not null unique, look jsonb null)`, []);
      await runOnce(
        em,
        `create unlogged table ${memberships} (native_id text collate "C" not null, entitlement text collate "C" not null, is_known boolean not null)`,
        [],
      );
      await runOnce(em, `create unlogged table ${different} (native_id text collate "C" primary key)`, []);
      await runOnce(
        em,
        `create unlogged table ${signs} (native_id text collate "C" primary key, last_used_at timestamptz null, keys jsonb null, owner jsonb null)`,
        [],
      );
    },
    drop: async (runId) => {
      const { read, looks, memberships, different, signs } = tablesOf(runId);
      await runOnce(em, `drop table if exists ${read}, ${looks}, ${memberships}, ${different}, ${signs}`, []);
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
      if (accounts.length === 0) return;
      await copyIn(
        em,
        `copy ${tablesOf(runId).read} (native_id, user_name, external_id, enabled, attributes, entitlements, hash) from stdin`,
        copyRows(accounts),
      );
    },
    async addMemberships(runId, memberships) {
      if (memberships.length === 0) return;
      await runOnce(
        em,
        `insert into ${tablesOf(runId).memberships} select r.* from jsonb_to_recordset($1::jsonb) r (native_id text, entitlement text, is_known boolean)`,
        [toJsonRows(memberships)],
      );
    },
    async count(runId) {
      const table = tablesOf(runId).read;
      const [found] = await run<{ is_there: boolean }>(em, 'select to_regclass($1) is not null as is_there', [table]);
      if (found?.is_there !== true) return null;
      const [row] = await runOnce<{ count: string }>(em, `select count(*) from ${table}`, []);
      return Number(row?.count);
    },
    async complete(runId) {
      const { read, memberships } = tablesOf(runId);
      await runOnce(em, `set local work_mem = '64MB'`, []);
      const repeated = await runOnce(
        em,
        `delete from ${read} r using (select native_id, min(ctid) as first from ${read} group by native_id having count(*) > 1) t
         where r.native_id = t.native_id and r.ctid <> t.first returning 1`,
        [],
      );
      // What an account is in is part of its hash, and whether policy knows it.
      await runOnce(
        em,
        `update ${read} s set entitlements = m.names, hash = left(encode(sha256(convert_to(s.hash || m.text, 'UTF8')), 'hex'), 32) from (
           select native_id, json_agg(entitlement order by entitlement) as names, json_agg(json_build_array(entitlement, is_known) order by entitlement)::text as text
           from (select distinct native_id, entitlement, is_known from ${memberships}) x group by native_id) m
         where m.native_id = s.native_id and s.entitlements::text = '[]'`,
        [],
      );
      await runOnce(em, `truncate ${memberships}`, []);
      // Later than the rows: an index is built in a fraction of the time that it takes to add to it.
      await runOnce(em, `create unique index on ${read} (native_id)`, []);
      await runOnce(em, `create index on ${read} (external_id) where external_id is not null`, []);
      await runOnce(em, `analyze ${read}`, []);
      return repeated.length;
    },
    readAccounts: (runId, target, after, limit) =>
      readJoined(
        em,
        `select json_build_object('nativeId', s.native_id, 'userName', s.user_name, 'externalId', s.external_id, 'enabled', s.enabled, 'attributes', s.attributes, 'entitlements', s.entitlements) as staged, s.hash as staged_hash,
           case when a.id is not null then ${accountColumns} end as account,
           (select json_build_object('identityId', m.id, 'state', m.state) from identity m where a.id is null and m.id = ${marked}) as marked
         from (select native_id from ${tablesOf(runId).different} where $2::text is null or native_id > $2 order by native_id limit $3) d
         cross join lateral (select * from ${tablesOf(runId).read} r where r.native_id = d.native_id offset 0) s
         left join lateral (
           select x.* from account x where x.target = $1 and x.native_id = s.native_id collate "default"
           union all select x.* from account x where x.target = $1 and x.native_id is null and x.identity_id = ${marked} limit 1) a on true
         order by d.native_id`,
        [target, after, limit],
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
