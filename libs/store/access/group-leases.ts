import type { EntityManager } from '@mikro-orm/postgresql';
import { run, send } from '../database/statement.ts';

/** A group of a target. */
export interface GroupOfTarget {
  readonly target: string;
  /** The target's own id of the group. */
  readonly groupId: string;
}

/** One membership that was written with a whole group. */
export interface GroupMembershipWrite extends GroupOfTarget {
  /** The target's own id of the account. */
  readonly nativeId: string;
  /** As policy writes it. */
  readonly entitlement: string;
}

/**
 * Who may write a group whole. The database's clock counts: those of two machines differ. A holder that did not give its lease back was
 * killed or cut off, and what it sent last may arrive after the next one has written: from then on the group is in doubt, until that
 * cannot happen any more and everybody who was written to it meanwhile is read again.
 */
export interface GroupLeases {
  /** @returns whether it is ours now */
  claim(group: GroupOfTarget, by: string, milliseconds: number): Promise<boolean>;
  /** @returns false when somebody else has it */
  renew(group: GroupOfTarget, by: string, milliseconds: number): Promise<boolean>;
  /** Keeps who was written, for when the group turns out to be in doubt. */
  written(write: GroupMembershipWrite): Promise<void>;
  release(group: GroupOfTarget, by: string): Promise<void>;
  /**
   * Has accounts read again that were confirmed in a group, or out of it: they count as not confirmed, and what was taken as perhaps there.
   * @returns their identities, to be woken
   */
  unconfirm(group: GroupOfTarget & { readonly entitlement: string }, nativeIds: readonly string[]): Promise<readonly string[]>;
  /**
   * The same for everybody who was written to groups that have been in doubt for so long.
   * @returns identities, to be woken
   */
  settleDoubts(milliseconds: number): Promise<readonly string[]>;
}

/** How long it is known who was written to a group; none is in doubt for as long. */
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
