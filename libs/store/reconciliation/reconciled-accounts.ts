import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { run, runOnce } from '../database/statement.ts';
import { desiredHash } from './joined-row.ts';
import { tablesOf } from './run-tables.ts';

/** State of an account in which a run found no difference: of the target, and of what is desired there. */
export interface ReconciledAccount {
  readonly accountId: string;
  readonly stagedHash: string;
  readonly desiredHash: string;
  /** When something that depends on time has to be compared again; absent: never. */
  readonly validUntil?: Instant;
}

/** States of accounts in which earlier runs found no difference: where both hashes are the same as then, there still is none. */
export interface ReconciledAccounts {
  save(accounts: readonly ReconciledAccount[]): Promise<void>;
  /**
   * Writes down which accounts of a run have to be compared: those that are not in such a state, that Tenure may be changing, or that have an open finding.
   * @param since changes of the desired state from then on are under way @returns their number
   */
  drawDifferent(runId: string, target: string, since: Instant, now: Instant): Promise<number>;
  /** Deletes states of a target that are no longer those of the run, so that none outlives what it was about. */
  deleteOthers(runId: string, target: string): Promise<void>;
}

/**
 * Runs a statement that joins a million rows by hash: with the usual memory they would be written to disk in many parts, and a nested loop, which the
 * planner takes for a table without statistics, needs minutes.
 */
async function byHash<T>(em: EntityManager, text: string, values: readonly unknown[]): Promise<readonly T[]> {
  await runOnce(em, `set local work_mem = '64MB'; set local enable_nestloop = off`, []);
  const rows = await runOnce<T>(em, text, values);
  await runOnce(em, 'set local enable_nestloop = on', []);
  return rows;
}

/** Values of an array of PostgreSQL that need no quotes; null ones are NULL. */
const plainArray = (values: readonly (string | null)[]): string => `{${values.map((value) => value ?? 'null').join(',')}}`;

export function createReconciledAccounts(em: EntityManager): ReconciledAccounts {
  return {
    async save(accounts) {
      if (accounts.length === 0) return;
      await run(
        em,
        `insert into reconciled_account as t (account_id, staged_hash, desired_hash, valid_until)
           select r.* from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) r (account_id, staged_hash, desired_hash, valid_until)
           where exists (select 1 from account a where a.id = r.account_id)
         on conflict (account_id) do update set staged_hash = excluded.staged_hash, desired_hash = excluded.desired_hash, valid_until = excluded.valid_until
         where (t.staged_hash, t.desired_hash, t.valid_until) is distinct from (excluded.staged_hash, excluded.desired_hash, excluded.valid_until)`,
        [
          plainArray(accounts.map(({ accountId }) => accountId)),
          plainArray(accounts.map(({ stagedHash }) => stagedHash)),
          plainArray(accounts.map(({ desiredHash: hash }) => hash)),
          plainArray(accounts.map(({ validUntil }) => validUntil ?? null)),
        ],
      );
    },
    async drawDifferent(runId, target, since, now) {
      const { read, different } = tablesOf(runId);
      const drawn = await byHash<{ count: string }>(
        em,
        `with drawn as (insert into ${different} select s.native_id from ${read} s where not exists (
             select 1 from account a join reconciled_account g on g.account_id = a.id
             where a.target = $1 and a.native_id collate "C" = s.native_id and g.staged_hash = s.hash and g.desired_hash = ${desiredHash}
               and (g.valid_until is null or g.valid_until > $3::timestamptz) and a.confirmed_at is not null and a.drifted_at is null and a.desired_since < $2::timestamptz
               and not exists (select 1 from operation o where o.account_id = a.id and o.status = 'pending')
               and not exists (select 1 from finding f where f.target = $1 and f.account_id = a.id and f.closed_at is null)) returning 1)
         select count(*) from drawn`,
        [target, since, now],
      );
      await runOnce(em, `analyze ${different}`, []);
      return Number(drawn[0]?.count);
    },
    async deleteOthers(runId, target) {
      await byHash(
        em,
        `delete from reconciled_account g using account a where a.id = g.account_id and a.target = $1 and (g.desired_hash <> ${desiredHash}
           or not exists (select 1 from ${tablesOf(runId).read} s where s.native_id = a.native_id collate "C" and s.hash = g.staged_hash))`,
        [target],
      );
    },
  };
}
