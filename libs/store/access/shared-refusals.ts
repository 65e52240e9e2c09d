import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { run } from '../database/statement.ts';

/** A change that a target refuses for every account. */
export interface StoredRefusal {
  /** Change that is refused, in the form of `sharedRefusal`: `addMember/Finance`. */
  readonly about: string;
  /** Error code of the newest refusal; `null`: all refused operations are being retried. */
  readonly code: string | null;
  readonly message: string | null;
  readonly accounts: number;
}

/** Operations that were refused because of the target, not because of one account. */
export interface SharedRefusals {
  /** Open refusals of a target, one per change, by name. */
  ofTarget(target: string): Promise<readonly StoredRefusal[]>;
  /** Retries all operations with these refusals, once their cause is gone; at most 500 at a time. @returns ids of their identities */
  recall(target: string, about: readonly string[]): Promise<readonly string[]>;
  /**
   * Retries one operation of each refused change that was not tried for a while: a minute after its first refusal, then less and less often, at least
   * once an hour. @returns ids of their identities
   */
  recallOneOfEach(now: Instant, limit: number): Promise<readonly string[]>;
}

export function createSharedRefusals(em: EntityManager): SharedRefusals {
  return {
    async ofTarget(target) {
      const rows = await run<Omit<StoredRefusal, 'accounts'> & { accounts: string }>(
        em,
        `select distinct on (about) about, code, message, count(*) over (partition by about) as accounts from (
           select last_error->>'about' as about, (last_error->>'at')::timestamptz as at,
             case when status = 'failed' then last_error->>'code' end as code, case when status = 'failed' then last_error->>'message' end as message
           from operation where target = $1 and status in ('pending', 'failed') and last_error->>'about' is not null) o
         order by about, code is null, at desc`,
        [target],
      );
      return rows.map((row) => ({ ...row, accounts: Number(row.accounts) }));
    },
    async recall(target, about) {
      if (about.length === 0) return [];
      const rows = await run<{ identity_id: string }>(
        em,
        `update operation set status = 'pending', last_error = last_error - 'about' where id in (
           select id from operation where target = $1 and status = 'failed' and last_error->>'about' = any($2::text[])
           order by created_at limit 500 for update skip locked)
         returning identity_id`,
        [target, about],
      );
      return [...new Set(rows.map(({ identity_id }) => identity_id))];
    },
    async recallOneOfEach(now, limit) {
      const rows = await run<{ identity_id: string }>(
        em,
        `update operation set status = 'pending' where id in (
           select id from operation where id in (
             select (array_agg(id order by created_at))[1] from operation where status = 'failed' and last_error->>'about' is not null group by target, last_error->>'about'
             having max((last_error->>'at')::timestamptz) <= $1::timestamptz - least(max(attempts), 60) * interval '1 minute' limit $2)
           for update skip locked)
         returning identity_id`,
        [now, limit],
      );
      return [...new Set(rows.map(({ identity_id }) => identity_id))];
    },
  };
}
