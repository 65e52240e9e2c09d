import type { EntityManager } from '@mikro-orm/postgresql';
import { run } from '../database/statement.ts';

/** Accounts about which a complete run could not speak: Tenure was at work on them, or their state could not be proved. Those of the last complete run. */
export interface UnprovenAccounts {
  /** Adds accounts of a run. Of more than `mostUnproven` only the number is kept, in the run. */
  add(runId: string, accountIds: readonly string[]): Promise<void>;
  /** Of these accounts those about which a run could not speak; with more of them than were kept, all. */
  among(run: { readonly id: string; readonly silent: number }, accountIds: readonly string[]): Promise<readonly string[]>;
  /** Deletes those of other runs of the target. */
  keepOnly(target: string, runId: string): Promise<void>;
}

/** Maximum number of accounts of one run. */
export const mostUnproven = 10_000;

export function createUnprovenAccounts(em: EntityManager): UnprovenAccounts {
  return {
    async add(runId, accountIds) {
      if (accountIds.length === 0) return;
      await run(
        em,
        `with added as (insert into unproven_account (run_id, account_id) select $1::uuid, id from unnest($2::uuid[]) id
             where (select silent from reconciliation_run where id = $1::uuid) < $3 on conflict do nothing returning 1),
           counted as (select case when (select silent from reconciliation_run where id = $1::uuid) < $3 then (select count(*) from added) else cardinality($2::uuid[]) end as count)
         update reconciliation_run set silent = silent + counted.count from counted where id = $1::uuid returning 1`,
        [runId, [...new Set(accountIds)], mostUnproven],
      );
    },
    async among({ id, silent }, accountIds) {
      if (silent > mostUnproven) return accountIds;
      const rows = await run<{ account_id: string }>(em, 'select account_id from unproven_account where run_id = $1::uuid and account_id = any($2::uuid[])', [
        id,
        accountIds,
      ]);
      return rows.map((row) => row.account_id);
    },
    async keepOnly(target, runId) {
      await run(
        em,
        `delete from unproven_account u where u.run_id <> $2::uuid and not exists (select from reconciliation_run r where r.id = u.run_id and r.target <> $1) returning 1`,
        [target, runId],
      );
    },
  };
}
