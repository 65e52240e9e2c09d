import type { EntityManager } from '@mikro-orm/postgresql';
import type { AccountKeys, AccountOwner, Instant, Lifecycle } from '@tenure/domain';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run, runOnce } from '../database/statement.ts';
import { tablesOf } from './run-tables.ts';

/** Signs of an account that a listing shows beside its comparison; kept only where there are some. */
export interface AccountSigns {
  readonly nativeId: string;
  /** `null`: the target reports no use of it. */
  readonly lastUsedAt: Instant | null;
  /** Digests of its keys; kept only for accounts that Tenure does not know. */
  readonly keys: AccountKeys;
}

/** An account of a person that a run has read. */
export interface ListedAccount {
  readonly nativeId: string;
  readonly userName: string;
  readonly enabled: boolean | null;
  readonly accountId: string;
  readonly identityId: string;
  readonly state: Lifecycle['state'];
}

/** An account with its last use. */
export interface UsedAccount extends ListedAccount {
  readonly lastUsedAt: Instant | null;
  readonly createdAt: Instant | null;
}

export interface OwnerRow extends AccountOwner {
  readonly nativeId: string;
}

/** Further data of the accounts that one run has read: an unlogged table beside the one of the accounts (`Staging`). */
export interface Signs {
  add(runId: string, target: string, accounts: readonly AccountSigns[]): Promise<void>;
  /** Keys of accounts that Tenure does not know, by the target's own id, at most `limit`. */
  keyed(runId: string, limit: number): Promise<ReadonlyMap<string, AccountKeys>>;
  /** Stores the owners that were found by keys. */
  own(runId: string, owners: readonly (Omit<AccountOwner, 'by' | 'hasAccount'> & { readonly nativeId: string })[]): Promise<void>;
  /** Owners of those of these accounts that Tenure does not know, by their marks and by keys. */
  owners(runId: string, target: string, nativeIds: readonly string[]): Promise<readonly OwnerRow[]>;
  /** A page of accounts of people that are in one of these groups, with those that they are in. @param after last id of the previous page */
  inGroups(
    runId: string,
    target: string,
    names: readonly string[],
    after: string | null,
    limit: number,
  ): Promise<readonly (ListedAccount & { readonly groups: readonly string[] })[]>;
  /** A page of accounts of people that can be used and were last used, or created by Tenure and never used, before an instant. */
  unusedSince(runId: string, target: string, before: Instant, after: string | null, limit: number): Promise<readonly UsedAccount[]>;
  /** True if the run shows the use of at least one account. */
  showsUse(runId: string): Promise<boolean>;
  /** Names of the groups in which the run shows an account. */
  groups(runId: string): Promise<readonly string[]>;
  /** Ids of accounts of Tenure that the listing had to show, lacks, and that the target shows alone. */
  hidden(runId: string): Promise<readonly string[]>;
  /** Those of these user names that the run does not show, compared without case. */
  missing(runId: string, userNames: readonly string[]): Promise<readonly string[]>;
}

const marked = `case when s.external_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then s.external_id::uuid end`;
const isKnown = (nativeId: string): string => `exists (select 1 from account k where k.target = $1 and k.native_id = ${nativeId} collate "default")`;
const listed = `s.native_id, s.user_name, s.enabled, a.id as account_id, a.identity_id, i.state`;

export function createSigns(em: EntityManager): Signs {
  async function rowsOf<T>(text: string, values: readonly unknown[]): Promise<T[]> {
    const rows = await runOnce<{ row: string }>(em, `select to_json(x)::text as row from (${text}) x`, values);
    return rows.map(({ row }) => fromJsonRow<T>(JSON.parse(row) as Readonly<Record<string, unknown>>));
  }
  return {
    async add(runId, target, accounts) {
      const kept = accounts.filter(({ lastUsedAt, keys }) => lastUsedAt !== null || Object.keys(keys).length > 0);
      if (kept.length === 0) return;
      await runOnce(
        em,
        `insert into ${tablesOf(runId).signs} (native_id, last_used_at, keys) select native_id, last_used_at, keys from (
           select r.native_id, r.last_used_at, case when r.keys <> '{}' and not ${isKnown('r.native_id')} then r.keys end as keys
           from jsonb_to_recordset($2::jsonb) r (native_id text, last_used_at timestamptz, keys jsonb)) x
         where last_used_at is not null or keys is not null on conflict do nothing`,
        [target, toJsonRows(kept)],
      );
    },
    async keyed(runId, limit) {
      const rows = await rowsOf<{ nativeId: string; keys: AccountKeys }>(
        `select native_id, keys from ${tablesOf(runId).signs} where keys is not null order by native_id limit $1`,
        [limit],
      );
      return new Map(rows.map(({ nativeId, keys }) => [nativeId, keys]));
    },
    async own(runId, owners) {
      if (owners.length === 0) return;
      await runOnce(
        em,
        `update ${tablesOf(runId).signs} g set owner = jsonb_build_object('identityId', r.identity_id, 'state', r.state, 'keys', r.keys)
         from jsonb_to_recordset($1::jsonb) r (native_id text, identity_id text, state text, keys jsonb) where g.native_id = r.native_id collate "C"`,
        [toJsonRows(owners)],
      );
    },
    async owners(runId, target, nativeIds) {
      if (nativeIds.length === 0) return [];
      const { read, signs } = tablesOf(runId);
      return rowsOf(
        `select o.*, exists (select 1 from account x join ${read} y on y.native_id = x.native_id collate "C" where x.target = $1 and x.identity_id = o.identity_id) as has_account
         from (
           select s.native_id, i.id as identity_id, i.state, 'mark' as by, '[]'::jsonb as keys from ${read} s join identity i on i.id = ${marked}
             where s.native_id = any($2::text[]) and not ${isKnown('s.native_id')} and not exists (select 1 from account k where k.target = $1 and k.native_id is null and k.identity_id = i.id)
           union all
           select g.native_id, (g.owner->>'identityId')::uuid, g.owner->>'state', 'keys', g.owner->'keys' from ${signs} g join ${read} s on s.native_id = g.native_id
             where g.native_id = any($2::text[]) and g.owner is not null and not exists (select 1 from identity i where i.id = ${marked})
         ) o order by o.native_id`,
        [target, nativeIds],
      );
    },
    inGroups(runId, target, names, after, limit) {
      return rowsOf(
        `select ${listed}, (select jsonb_agg(e.name order by e.name) from json_array_elements_text(s.entitlements::json) e (name) where e.name = any($2::text[])) as groups
         from ${tablesOf(runId).read} s join account a on a.target = $1 and a.native_id = s.native_id collate "default" join identity i on i.id = a.identity_id
         where s.entitlements::jsonb ?| $2::text[] and ($3::text is null or s.native_id > $3) order by s.native_id limit $4`,
        [target, names, after, limit],
      );
    },
    unusedSince(runId, target, before, after, limit) {
      const { read, signs } = tablesOf(runId);
      return rowsOf(
        `select ${listed}, g.last_used_at, c.created_at from ${read} s left join ${signs} g on g.native_id = s.native_id
           join account a on a.target = $1 and a.native_id = s.native_id collate "default" join identity i on i.id = a.identity_id
           left join lateral (select min(o.finished_at) as created_at from operation o where g.last_used_at is null and o.account_id = a.id and o.status = 'done' and o.kind = 'create') c on true
         where s.enabled is not false and ($3::text is null or s.native_id > $3) and coalesce(g.last_used_at, c.created_at) < $2::timestamptz
         order by s.native_id limit $4`,
        [target, before, after, limit],
      );
    },
    async showsUse(runId) {
      const rows = await runOnce(em, `select 1 from ${tablesOf(runId).signs} where last_used_at is not null limit 1`, []);
      return rows.length > 0;
    },
    async groups(runId) {
      const rows = await runOnce<{ name: string }>(
        em,
        `select distinct e.name from (select distinct entitlements::text as list from ${tablesOf(runId).read}) s, json_array_elements_text(s.list::json) e (name)`,
        [],
      );
      return rows.map(({ name }) => name);
    },
    async hidden(runId) {
      const rows = await runOnce<{ id: string }>(
        em,
        `select account_id as id from ${tablesOf(runId).looks} where look->>'kind' = 'there' and look->'isCanary' = 'true'::jsonb order by 1`,
        [],
      );
      return rows.map(({ id }) => id);
    },
    async missing(runId, userNames) {
      if (userNames.length === 0) return [];
      const { read } = tablesOf(runId);
      const [found] = await run<{ is_there: boolean }>(em, 'select to_regclass($1) is not null as is_there', [read]);
      if (found?.is_there !== true) return [];
      const rows = await runOnce<{ name: string }>(
        em,
        `select n.name from unnest($1::text[]) n (name) where not exists (select 1 from ${read} s where lower(s.user_name) = lower(n.name)) order by n.name`,
        [userNames],
      );
      return rows.map(({ name }) => name);
    },
  };
}
