import type { EntityManager } from '@mikro-orm/postgresql';
import { run, send } from '../database/statement.ts';

export interface GroupOfTarget {
  readonly target: string;
  /** The target's own id of the group. */
  readonly groupId: string;
}

/** A membership that was written by replacing all members of a group. */
export interface GroupMembershipWrite extends GroupOfTarget {
  /** The target's own id of the account. */
  readonly nativeId: string;
  /** Name of the entitlement in the policy. */
  readonly entitlement: string;
}

/**
 * Leases to write a group whole. The database's clock counts: those of two machines differ. A worker that did not release its lease was
 * killed or cut off, and its last request may arrive after the next worker has written: from then on the group is in doubt, until that
 * can no longer happen and all members written meanwhile are read again.
 */
export interface GroupLeases {
  /** Leases a group. @returns true if the caller has the lease now */
  claim(group: GroupOfTarget, by: string, milliseconds: number): Promise<boolean>;
  /** Renews a lease. @returns false when another worker has it */
  renew(group: GroupOfTarget, by: string, milliseconds: number): Promise<boolean>;
  /** Records a written membership, for the case that the group turns out to be in doubt. */
  written(write: GroupMembershipWrite): Promise<void>;
  release(group: GroupOfTarget, by: string): Promise<void>;
  /**
   * Has accounts read again whose membership of a group, or absence from it, was confirmed: they count as not confirmed, and a removed membership as
   * possibly present. @returns ids of their identities, to be signalled
   */
  unconfirm(group: GroupOfTarget & { readonly entitlement: string }, nativeIds: readonly string[]): Promise<readonly string[]>;
  /**
   * Does the same for all accounts written to groups that have been in doubt for this long.
   * @returns ids of their identities, to be signalled
   */
  settleDoubts(milliseconds: number): Promise<readonly string[]>;
}

/** Retention of written memberships, as an interval of PostgreSQL: longer than a group is ever in doubt. */
const kept = '1 day';

export function createGroupLeases(em: EntityManager): GroupLeases {
  return {
    async claim({ target, groupId }, by, milliseconds) {
      const claimed = await run<object>(
        em,
        `insert into group_lease as l (target, group_id, held_by, held_until, taken_at)
         values ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond', clock_timestamp())
         on conflict (target, group_id) do update set held_by = excluded.held_by, held_until = excluded.held_until, taken_at = excluded.taken_at,
           doubted_since = case when l.held_by is null then l.doubted_since else coalesce(l.doubted_since, clock_timestamp()) end
         where l.held_by is null or l.held_until < clock_timestamp() returning 1`,
        [target, groupId, by, milliseconds],
      );
      return claimed.length === 1;
    },
    async renew({ target, groupId }, by, milliseconds) {
      const renewed = await run<object>(
        em,
        `update group_lease set held_until = clock_timestamp() + $4 * interval '1 millisecond' where target = $1 and group_id = $2 and held_by = $3 returning 1`,
        [target, groupId, by, milliseconds],
      );
      return renewed.length === 1;
    },
    async written({ target, groupId, nativeId, entitlement }) {
      await send(
        em,
        `insert into group_write (target, group_id, native_id, entitlement, at) values ($1, $2, $3, $4, clock_timestamp())
         on conflict (target, group_id, native_id) do update set entitlement = excluded.entitlement, at = excluded.at`,
        [target, groupId, nativeId, entitlement],
      );
      await send(em, `delete from group_write where target = $1 and group_id = $2 and at < clock_timestamp() - interval '${kept}'`, [target, groupId]);
    },
    release: ({ target, groupId }, by) =>
      send(em, 'update group_lease set held_by = null, held_until = null where target = $1 and group_id = $2 and held_by = $3', [target, groupId, by]),
    async unconfirm({ target, groupId, entitlement }, nativeIds) {
      if (nativeIds.length === 0) return [];
      const rows = await run<{ identity_id: string }>(
        em,
        `update account set confirmed_at = null, not_visible_at = null,
           accepted = jsonb_set(accepted, array['memberships', $3], coalesce(accepted->'memberships'->$3,
             jsonb_build_object('groupId', $2::text, 'givenAt', null, 'shownAt', to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) || '{"takenAt": null}')
         where target = $1 and native_id = any($4::text[]) returning identity_id`,
        [target, groupId, entitlement, nativeIds],
      );
      return rows.map(({ identity_id }) => identity_id);
    },
    async settleDoubts(milliseconds) {
      const groups = await run<{ target: string; group_id: string; entitlement: string; native_ids: readonly string[] }>(
        em,
        `with doubted as (select target, group_id, doubted_since from group_lease where doubted_since < clock_timestamp() - $1 * interval '1 millisecond' for update skip locked),
           settled as (update group_lease l set doubted_since = null from doubted d where l.target = d.target and l.group_id = d.group_id)
         select target, group_id, entitlement, array_agg(native_id) as native_ids
         from doubted join group_write using (target, group_id) where at >= doubted_since group by target, group_id, entitlement`,
        [milliseconds],
      );
      const woken: string[] = [];
      for (const { target, group_id, entitlement, native_ids } of groups)
        woken.push(...(await this.unconfirm({ target, groupId: group_id, entitlement }, native_ids)));
      return [...new Set(woken)];
    },
  };
}
