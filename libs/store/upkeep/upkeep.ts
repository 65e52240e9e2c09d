import { isOnlyRead } from '../access/is-only-read.ts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import type { ExpiringRows } from './expiring-rows.ts';
import { run } from '../database/statement.ts';

/** Work of the periodic sweep on the database, besides waking overdue workflows. */
export interface Upkeep {
  /** Locks the sweep until this transaction ends. @returns false when another worker has the lock */
  takeTurn(): Promise<boolean>;
  /** Deletes rows that ended before an instant. @returns their number, `limit` at most */
  expire(rows: ExpiringRows, before: Instant, limit: number): Promise<number>;
  /**
   * Ids of identities with an unconfirmed account and without a decision since an instant, though nothing is waited for: no operation has failed
   * or was abandoned, no correction waits for approval, nothing is suspended, no worker has leased the account or has attempted anything since, its target works, and no batch
   * change includes the person. Such an identity lifecycle workflow has lost its wake-up.
   */
  stalled(targets: readonly string[], since: Instant, now: Instant, limit: number): Promise<readonly string[]>;
}

/** Number of the advisory lock, unique among those of Tenure. */
const sweepLock = 7012;

export function createUpkeep(em: EntityManager): Upkeep {
  return {
    async takeTurn() {
      const [row] = await run<{ taken: boolean }>(em, 'select pg_try_advisory_xact_lock($1) as taken', [sweepLock]);
      return row?.taken === true;
    },
    expire: async (rows, before, limit) => (await run<object>(em, rows.delete, [before, limit])).length,
    async stalled(targets, since, now, limit) {
      const rows = await run<{ id: string }>(em, findStalled, [since, now, limit, targets]);
      return rows.map(({ id }) => id);
    },
  };
}

const findStalled = `select i.id from identity i where i.decided_at < $1::timestamptz
    and exists (select from account a where a.identity_id = i.id and a.confirmed_at is null and a.not_visible_at is null and a.drifted_at is null and a.target = any($4::text[]) and a.desired_since < $1::timestamptz
      and (a.lease_until is null or a.lease_until < clock_timestamp())
      and not exists (select from operation o where o.account_id = a.id and (o.status = 'failed'
        or (o.status = 'given-up' and o.finished_at >= a.desired_since)
        or (o.status = 'pending' and (o.last_error->>'at')::timestamptz >= $1::timestamptz)))
      and not exists (select from hold h where h.ended_at is null and h.until > $2::timestamptz and (h.target = a.target or h.identity_id = i.id
        or h.operation_id in (select o.id from operation o where o.account_id = a.id)))
      and not ${isOnlyRead}
      and not exists (select from connection_check c where c.kind = 'target' and c.name = a.target and c.is_working = false))
    and not exists (select from wave_member m where m.identity_id = i.id)
    and not exists (select from outbox o where o.identity_id = i.id and o.request_id is null)
  order by i.decided_at limit $3`;
