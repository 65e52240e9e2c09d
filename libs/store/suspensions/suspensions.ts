import type { EntityManager } from '@mikro-orm/postgresql';
import type { Suspension, Instant, Trigger } from '@tenure/domain';
import { SuspensionRow } from './entities.ts';
import { run } from '../database/statement.ts';

/** A stored suspension, with its actors and instants. */
export interface StoredSuspension extends Suspension {
  readonly reason: string;
  /** Actor that suspended provisioning: `person <id>` or `service <id>`. */
  readonly placedBy: string;
  readonly placedAt: Instant;
  /** When provisioning was resumed, or the suspension expired; `null`: it is open. */
  readonly endedAt: Instant | null;
  readonly endedBy: string | null;
}

export interface Suspensions {
  add(suspension: StoredSuspension): Promise<void>;
  /** Reads a suspension and locks it until the transaction ends. */
  lock(id: string): Promise<StoredSuspension | null>;
  end(id: string, by: string, now: Instant): Promise<void>;
  /** Open suspensions: all, or those of the given person and of all targets. */
  open(identityId?: string): Promise<readonly StoredSuspension[]>;
  /** Open suspensions of these people and of their operations. */
  ofIdentities(identityIds: readonly string[]): Promise<readonly StoredSuspension[]>;
  /** Locks open suspensions that have expired, until the transaction ends. */
  over(now: Instant, limit: number): Promise<readonly StoredSuspension[]>;
  /** When the next open suspension expires; `null`: none does. */
  nextEnd(): Promise<Instant | null>;
  /** Adds an outbox row for everybody who waits for provisioning in a target, leavers first. @returns number of rows */
  wakeSuspended(target: string, trigger: Trigger, correlationId: string, now: Instant): Promise<number>;
  /** Marks suspensions that have not been signalled to Temporal as signalled. @returns true if there were any */
  signalNew(): Promise<boolean>;
  /** Has suspensions that should have expired before this instant signalled to Temporal again. @returns their number */
  signalOverdueAgain(before: Instant): Promise<number>;
}

const plain = { disableIdentityMap: true } as const;

export function createSuspensions(em: EntityManager): Suspensions {
  const find = async (where: object): Promise<StoredSuspension[]> =>
    (await em.find(SuspensionRow, { ...where, endedAt: null }, { ...plain, orderBy: { placedAt: 'desc', id: 'desc' } })).map(toSuspension);
  return {
    add: async (suspension) => {
      await em.insert(SuspensionRow, { ...suspension, isTold: false });
    },
    async lock(id) {
      const rows = await run<object>(em, 'select 1 from hold where id = $1 for update', [id]);
      const row = rows.length === 0 ? null : await em.findOne(SuspensionRow, { id }, plain);
      return row === null ? null : toSuspension(row);
    },
    end: async (id, by, now) => {
      await em.nativeUpdate(SuspensionRow, { id, endedAt: null }, { endedAt: now, endedBy: by });
    },
    open: (identityId) => find(identityId === undefined ? {} : { $or: [{ identityId }, { target: { $ne: null } }] }),
    ofIdentities: (ids) => find({ identityId: { $in: [...ids] } }),
    async over(now, limit) {
      const rows = await run<{ id: string }>(em, 'select id from hold where ended_at is null and until <= $1 order by until limit $2 for update skip locked', [
        now,
        limit,
      ]);
      return find({ id: { $in: rows.map(({ id }) => id) } });
    },
    async nextEnd() {
      const [row] = await em.execute<{ at: string | Date | null }[]>('select min(until) as at from hold where ended_at is null');
      return row?.at == null ? null : new Date(row.at).toISOString();
    },
    async wakeSuspended(target, trigger, correlationId, now) {
      const rows = await run<object>(
        em,
        `insert into outbox (identity_id, trigger, urgent, correlation_id, created_at)
         select a.identity_id, $2::text, i.state in ('leaving', 'left'), $3::text, $4::timestamptz from account a join identity i on i.id = a.identity_id
         where a.target = $1 and a.confirmed_at is null and a.not_visible_at is null and a.drifted_at is null returning 1`,
        [target, trigger, correlationId, now],
      );
      return rows.length;
    },
    signalNew: async () => (await em.execute<object[]>('update hold set is_told = true where ended_at is null and not is_told returning 1')).length > 0,
    signalOverdueAgain: async (before) =>
      (await run<object>(em, 'update hold set is_told = false where ended_at is null and until < $1 returning 1', [before])).length,
  };
}

function toSuspension({ isTold: _isTold, ...row }: object & { readonly isTold: boolean }): StoredSuspension {
  return row as StoredSuspension;
}
