import type { EntityManager } from '@mikro-orm/postgresql';
import { type Aspect, EQUAL_READINGS, type Instant, type Observation } from '@tenure/domain';
import { ObservationRow } from './entities.ts';
import { toJsonRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';

/** A stored observation. */
export interface StoredObservation extends Observation {
  readonly accountId: string;
  readonly target: string;
  /** When the row was last written: an observation that shows the desired state again writes nothing. */
  readonly at: Instant;
  /** Correlation id of the run that read it. */
  readonly run: string;
}

/** Aspect that a target stores differently from the value that Tenure wrote. */
export interface WithoutEffect {
  readonly aspect: Aspect;
  readonly name: string;
  readonly evidence: string;
  readonly accounts: number;
}

/** Observations: the last observed value of each aspect of each account. */
export interface Observations {
  /** Replaces all observations of these accounts by `rows`; rows of other accounts are added. */
  replace(accountIds: readonly string[], rows: readonly StoredObservation[]): Promise<void>;
  /**
   * Records groups in which the target has shown a member, so that from now on an answer without members counts as evidence.
   * Accounts that could not be confirmed without this are read again. @returns ids of their identities
   */
  noteShown(target: string, entitlements: readonly string[], now: Instant): Promise<readonly string[]>;
  /** Groups in which a target has ever shown a member. */
  shownIn(target: string): Promise<readonly string[]>;
  /**
   * Has accounts read again, at most 500, of which the target could not show aspects that it has now shown of another account.
   * @returns ids of their identities
   */
  readAgain(target: string, shown: readonly Pick<Observation, 'aspect' | 'name'>[]): Promise<readonly string[]>;
  /** Observations of accounts: existence first, then state, attributes and memberships by name. */
  ofAccounts(accountIds: readonly string[]): Promise<readonly StoredObservation[]>;
  /** Writes without effect, with the number of accounts: several equal observations in a row show another value. */
  withoutEffect(target: string): Promise<readonly WithoutEffect[]>;
  /** Number of accounts that may exist where the target denies access, by reason. */
  unseen(target: string): Promise<readonly { readonly reason: string; readonly accounts: number }[]>;
  /** Observations that the target cannot make, of accounts that are otherwise provisioned. */
  notVisible(target: string): Promise<{ readonly accounts: number; readonly aspects: readonly Pick<Observation, 'aspect' | 'name' | 'evidence'>[] }>;
}

const order = { existence: 0, state: 1, attribute: 2, membership: 3 } as const;

export function createObservations(em: EntityManager): Observations {
  return {
    async replace(accountIds, rows) {
      if (accountIds.length === 0 && rows.length === 0) return;
      const json = toJsonRows(rows);
      await send(em, dropOthers, [accountIds, json]);
      await send(em, upsert, [json]);
    },
    async noteShown(target, entitlements, now) {
      const added = await run<{ entitlement: string }>(
        em,
        'insert into membership_shown (target, entitlement, at) select $1, unnest($2::text[]), $3::timestamptz on conflict do nothing returning entitlement',
        [target, entitlements, now],
      );
      if (added.length === 0) return [];
      const rows = await run<{ identity_id: string }>(
        em,
        `update account a set not_visible_at = null where target = $1 and not_visible_at is not null and exists (
           select 1 from observation o where o.account_id = a.id and o.aspect = 'membership' and o.verdict = 'NOT_VISIBLE' and o.evidence = 'nothing-shown' and o.name = any($2::text[]))
         returning identity_id`,
        [target, added.map(({ entitlement }) => entitlement)],
      );
      return rows.map((row) => row.identity_id);
    },
    async shownIn(target) {
      const rows = await run<{ entitlement: string }>(em, 'select entitlement from membership_shown where target = $1', [target]);
      return rows.map(({ entitlement }) => entitlement);
    },
    async readAgain(target, shown) {
      if (shown.length === 0) return [];
      const rows = await run<{ identity_id: string }>(
        em,
        `update account set not_visible_at = null where id in (
           select a.id from account a where target = $1 and not_visible_at is not null and exists (
             select 1 from observation o join jsonb_to_recordset($2::jsonb) s (aspect text, name text) on s.aspect = o.aspect and s.name = o.name
             where o.account_id = a.id and o.verdict = 'NOT_VISIBLE') order by not_visible_at limit 500 for update skip locked)
         returning identity_id`,
        [target, JSON.stringify(shown)],
      );
      return rows.map((row) => row.identity_id);
    },
    async ofAccounts(accountIds) {
      const rows = (await em.find(ObservationRow, { accountId: { $in: [...accountIds] } }, { disableIdentityMap: true })) as StoredObservation[];
      return rows.toSorted((a, b) => order[a.aspect] - order[b.aspect] || (a.name < b.name ? -1 : 1));
    },
    async withoutEffect(target) {
      const rows = await run<{ aspect: Aspect; name: string; evidence: string; accounts: string }>(
        em,
        `select aspect, name, min(evidence) as evidence, count(*) as accounts from observation
         where target = $1 and verdict = 'ABSENT' and readings >= $2 and aspect <> 'existence' and desired <> 'absent' group by aspect, name order by aspect, name`,
        [target, EQUAL_READINGS],
      );
      return rows.map((row) => ({ ...row, accounts: Number(row.accounts) }));
    },
    async unseen(target) {
      const rows = await run<{ reason: string; accounts: string }>(
        em,
        `select evidence as reason, count(*) as accounts from observation
         where target = $1 and aspect = 'existence' and name = '' and verdict = 'NOT_VISIBLE' group by evidence order by evidence`,
        [target],
      );
      return rows.map(({ reason, accounts }) => ({ reason, accounts: Number(accounts) }));
    },
    async notVisible(target) {
      const rows = await run<{ aspect: Aspect; name: string; evidence: string; accounts: string }>(
        em,
        `select o.aspect, o.name, min(o.evidence) as evidence, (select count(*) from account where target = $1 and not_visible_at is not null) as accounts
         from observation o join account a on a.id = o.account_id
         where a.target = $1 and a.not_visible_at is not null and o.verdict = 'NOT_VISIBLE' and o.aspect <> 'attribute' group by o.aspect, o.name order by o.aspect, o.name limit 50`,
        [target],
      );
      return { accounts: Number(rows[0]?.accounts ?? 0), aspects: rows.map(({ aspect, name, evidence }) => ({ aspect, name, evidence })) };
    },
  };
}

const columns = `account_id uuid, target text, aspect text, name text, verdict text, value text, evidence text, desired text, readings int, since timestamptz, at timestamptz, run text`;

const dropOthers = `delete from observation o where account_id = any($1::uuid[]) and not exists (
  select 1 from jsonb_to_recordset($2::jsonb) r (account_id uuid, aspect text, name text) where r.account_id = o.account_id and r.aspect = o.aspect and r.name = o.name)`;

// An observation that shows the desired state again is not written: the account has the instant of its last observation.
const upsert = `insert into observation as o (account_id, target, aspect, name, verdict, value, evidence, desired, readings, since, at, run)
  select * from jsonb_to_recordset($1::jsonb) r (${columns})
  on conflict (account_id, aspect, name) do update set verdict = excluded.verdict, value = excluded.value, evidence = excluded.evidence, desired = excluded.desired,
    readings = excluded.readings, since = excluded.since, at = excluded.at, run = excluded.run
  where excluded.verdict <> 'PRESENT' or (o.verdict, o.value, o.evidence, o.desired) is distinct from (excluded.verdict, excluded.value, excluded.evidence, excluded.desired)`;
