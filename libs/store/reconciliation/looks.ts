import type { EntityManager } from '@mikro-orm/postgresql';
import type { MembershipSighting, StagedAccount } from '@tenure/domain';
import { runOnce } from '../database/statement.ts';
import { accountColumns, type JoinedRow, readJoined } from './joined-row.ts';
import { isUnread, type RunTables, tablesOf } from './run-tables.ts';

/** Result of requesting one account alone that the listing lacks. */
export interface StoredLook {
  /** `hidden`: it may be where Tenure has no access. `unanswered`: the target did not answer. `settling`: Tenure is changing it, so it was not requested. */
  readonly kind: 'there' | 'gone' | 'hidden' | 'unanswered' | 'settling';
  /** True if the listing had to show it: it was confirmed, or observed, before the run began, and is not elsewhere. */
  readonly isCanary: boolean;
  /** The account as it is stored for comparison; `null`: it was not shown. */
  readonly staged: StagedAccount | null;
  readonly memberships: readonly MembershipSighting[];
}

/** An account that was requested alone, with its position among those of the run. */
export interface AnsweredLook {
  readonly position: number;
  readonly account: NonNullable<JoinedRow['account']>;
  readonly look: StoredLook;
}

/** Accounts that a listing lacks and that are requested one by one: an unlogged table beside the one of the accounts that were read. */
export interface Looks {
  /**
   * Draws accounts that should exist, existed before and were not read. First the canaries of the run: so many of those confirmed last. Then the others
   * in the order of their ids, from a position on and round: so each is requested in one of the next runs, however many there are.
   * @param after id of the last account that the run before has requested in that order; `null`: from the beginning
   * @returns number of accounts
   */
  draw(runId: string, target: string, limits: { readonly canaries: number; readonly others: number }, after: string | null): Promise<number>;
  /** Id of the last account that was requested in the order of ids; `null`: none was. */
  lastOther(runId: string, canaries: number): Promise<string | null>;
  /** Next drawn accounts without a result. */
  waiting(runId: string, limit: number): Promise<readonly AnsweredLook['account'][]>;
  answer(runId: string, accountId: string, look: StoredLook): Promise<void>;
  /** Number of canaries that the target shows alone, and of those about which it did not answer. */
  canaries(runId: string): Promise<{ readonly hidden: number; readonly unanswered: number }>;
  /** A page of results. @param after position of the last one of the previous page */
  answered(runId: string, after: number, limit: number): Promise<readonly AnsweredLook[]>;
  /** A page of the ids of accounts that should exist and were neither read nor answered about. */
  others(runId: string, target: string, after: string | null, limit: number): Promise<readonly string[]>;
  /** Accounts of open findings that the run has neither read nor drawn: those of nobody, and those that are to be absent. */
  unshown(runId: string, target: string, limit: number): Promise<readonly { readonly nativeId: string; readonly userName: string }[]>;
  /** Keeps the findings of such accounts open. @param gone ids of those that the target has shown to be gone */
  keepUnshown(runId: string, target: string, gone: readonly string[]): Promise<void>;
}

/** Condition that an open finding `f` of the target `$1` is about an account that the run `$2` has neither read nor drawn. */
const isUnshown = ({ read, looks }: RunTables): string =>
  `f.target = $1 and f.closed_at is null and f.checked_run_id <> $2::uuid and f.native_id is not null and not exists (select 1 from ${read} s where s.native_id = f.native_id collate "C")
  and not exists (select 1 from ${looks} l where l.account_id = f.account_id)`;

export function createLooks(em: EntityManager): Looks {
  return {
    async draw(runId, target, { canaries, others }, after) {
      const tables = tablesOf(runId);
      const drawn = await runOnce(
        em,
        `with unread as materialized (select a.id, a.confirmed_at from account a where ${isUnread(tables)}),
           canary as (select id, row_number() over (order by confirmed_at desc, id) as position from unread where confirmed_at is not null order by 2 limit $2),
           other as (select id, row_number() over (order by $4::uuid is null or id > $4::uuid desc, id) as position from unread u
             where not exists (select 1 from canary c where c.id = u.id) order by 2 limit $3)
         insert into ${tables.looks} (position, account_id) select position, id from canary union all select $2::int + position, id from other returning 1`,
        [target, canaries, others, after],
      );
      return drawn.length;
    },
    async lastOther(runId, canaries) {
      const [row] = await runOnce<{ id: string }>(
        em,
        `select account_id as id from ${tablesOf(runId).looks} where look is not null and position > $1 order by position desc limit 1`,
        [canaries],
      );
      return row?.id ?? null;
    },
    async waiting(runId, limit) {
      const rows = await readJoined<Pick<AnsweredLook, 'account'>>(
        em,
        `select ${accountColumns} as account from ${tablesOf(runId).looks} l join account a on a.id = l.account_id where l.look is null order by l.position limit $1`,
        [limit],
      );
      return rows.map(({ account }) => account);
    },
    answer: async (runId, accountId, look) => {
      await runOnce(em, `update ${tablesOf(runId).looks} set look = $2::jsonb where account_id = $1::uuid`, [accountId, JSON.stringify(look)]);
    },
    async canaries(runId) {
      const [row] = await runOnce<{ hidden: string; unanswered: string }>(
        em,
        `select count(*) filter (where look->>'kind' = 'there') as hidden, count(*) filter (where look->>'kind' = 'unanswered') as unanswered
         from ${tablesOf(runId).looks} where look->'isCanary' = 'true'::jsonb`,
        [],
      );
      return { hidden: Number(row?.hidden), unanswered: Number(row?.unanswered) };
    },
    answered: (runId, after, limit) =>
      readJoined(
        em,
        `select l.position, l.look, ${accountColumns} as account from ${tablesOf(runId).looks} l join account a on a.id = l.account_id
         where l.look is not null and l.position > $1 order by l.position limit $2`,
        [after, limit],
      ),
    async others(runId, target, after, limit) {
      const tables = tablesOf(runId);
      const rows = await runOnce<{ id: string }>(
        em,
        `select a.id from account a where ${isUnread(tables)} and ($2::uuid is null or a.id > $2::uuid)
           and not exists (select 1 from ${tables.looks} l where l.account_id = a.id and l.look is not null) order by a.id limit $3`,
        [target, after, limit],
      );
      return rows.map(({ id }) => id);
    },
    async unshown(runId, target, limit) {
      const rows = await runOnce<{ native_id: string; user_name: string }>(
        em,
        `select f.native_id, coalesce(max(f.user_name), max(a.user_name), '') as user_name from finding f left join account a on a.id = f.account_id
         where ${isUnshown(tablesOf(runId))} group by f.native_id order by f.native_id limit $3`,
        [target, runId, limit],
      );
      return rows.map(({ native_id: nativeId, user_name: userName }) => ({ nativeId, userName }));
    },
    keepUnshown: async (runId, target, gone) =>
      void (await runOnce(em, `update finding f set checked_run_id = $2::uuid where ${isUnshown(tablesOf(runId))} and not f.native_id = any($3::text[])`, [
        target,
        runId,
        gone,
      ])),
  };
}
