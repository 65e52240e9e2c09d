import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type Instant, OPERATOR_SOURCE } from '@tenure/domain';
import { run } from '../database/statement.ts';

/** Recent immediate terminations by caller, and the number of administrators of Tenure. */
export interface UrgentEnds {
  /** Number of people whom a caller has terminated since an instant. Other queries about the same caller wait until this transaction ends. */
  usedBy(caller: string, since: Instant): Promise<number>;
  add(caller: string, identityId: string, now: Instant): Promise<void>;
  /**
   * Number of other active people who have one of these entitlements and no end set by an operator. Other queries wait until this transaction
   * ends, so that two administrators cannot terminate each other.
   */
  othersWith(entitlements: readonly string[], except: string, now: Instant): Promise<number>;
}

export function createUrgentEnds(em: EntityManager): UrgentEnds {
  const takeTurn = async (of: string): Promise<void> => void (await run(em, 'select pg_advisory_xact_lock(hashtextextended($1, 5))', [of]));
  return {
    async usedBy(caller, since) {
      await takeTurn(caller);
      const [row] = await run<{ people: number }>(
        em,
        'select count(distinct identity_id)::int as people from urgent_end where caller = $1 and at > $2::timestamptz',
        [caller, since],
      );
      return row?.people ?? 0;
    },
    add: async (caller, identityId, now) => {
      await run(em, 'insert into urgent_end (id, caller, identity_id, at) values ($1, $2, $3, $4)', [randomUUID(), caller, identityId, now]);
    },
    async othersWith(entitlements, except, now) {
      await takeTurn('administrators');
      const [row] = await run<{ people: number }>(
        em,
        `select count(distinct i.id)::int as people from identity i join access_grant g on g.identity_id = i.id
           where i.id <> $2::uuid and i.state = 'active' and g.ended_at is null and g.kind = 'entitlement' and g.name = any($1::text[])
             and g.valid_from <= $3::timestamptz and (g.valid_until is null or g.valid_until > $3::timestamptz)
             and not exists (select from source_record r where r.identity_id = i.id and r.source = $4 and r.status = 'ended')`,
        [entitlements, except, now, OPERATOR_SOURCE],
      );
      return row?.people ?? 0;
    },
  };
}
