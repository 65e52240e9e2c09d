import { isOnlyRead } from '../access/is-only-read.ts';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { BatchOrigin, Instant, Trigger } from '@tenure/domain';
import { type ClaimedAccount, readClaimed, toClaimed } from '../access/claimed-account.ts';
import { BatchRow } from './entities.ts';
import type { BatchPlan } from './batch-changes.ts';
import { run } from '../database/statement.ts';

/** A run over many people: an import, or a policy version. */
export interface BatchRun {
  readonly id: string;
  readonly trigger: Trigger;
  /** True if the people's access was decided when it was opened, so that only the targets are left. */
  readonly isDecided: boolean;
  readonly people: number;
  readonly correlationId: string;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  /** Source of its records, where it waited for approval. */
  readonly source: string | null;
  /** Its origin, where that is neither a source nor a policy version. */
  readonly origin: BatchOrigin | null;
  /** Digest of the policy version that it carries out; `null`: none. */
  readonly policyDigest: string | null;
  readonly standing: 'collecting' | 'free' | 'held' | 'discarded';
  /** Planned changes; `null`: the run as a whole was not, or not yet, checked against the change budget. */
  readonly plan: BatchPlan | null;
}

/** A person in a batch. `mustWake`: a date of theirs has changed, so their identity lifecycle workflow has to be signalled. */
export interface BatchMember {
  readonly identityId: string;
  readonly mustWake: boolean;
}

/** Part of a batch: people in the order of ids, after one id (exclusive) up to another (inclusive). */
export interface BatchRange {
  readonly waveId: string;
  readonly after: string | null;
  readonly upTo: string;
}

export interface BatchRuns {
  /** Opens a batch run. @returns the run; `null` when nobody is in it */
  open(
    trigger: Trigger,
    people: { readonly decided: readonly BatchMember[] } | { readonly undecided: readonly string[] } | 'everybody',
    context: { correlationId: string; now: Instant },
    /** The policy version that it carries out for everybody, with its planned changes. */
    version?: { readonly policyDigest: string; readonly plan: BatchPlan },
  ): Promise<BatchRun | null>;
  get(id: string): Promise<BatchRun | null>;
  /** Reads a batch run and locks it until the transaction ends. */
  lock(id: string): Promise<BatchRun | null>;
  /** Adds everybody to the batch of an approved policy version that is now in force, to be decided by it. */
  fill(id: string, context: { correlationId: string; now: Instant }): Promise<void>;
  /** Adds people to an approved batch, to be decided by it. */
  enlist(id: string, identityIds: readonly string[], context: { correlationId: string; now: Instant }): Promise<void>;
  /** Runs that have not been started in Temporal, the oldest first; other dispatchers ignore them while this transaction lasts. */
  waiting(limit: number): Promise<readonly BatchRun[]>;
  started(id: string, now: Instant): Promise<void>;
  /** Marks a run as finished and deletes its members: the results are recorded with each person. */
  finished(id: string, now: Instant): Promise<void>;
  /** Unfinished runs that were started in Temporal before an instant, the oldest first. */
  underWay(before: Instant, limit: number): Promise<readonly Pick<BatchRun, 'id' | 'startedAt'>[]>;
  /** Has a run started in Temporal again. @returns false when another worker has done so */
  startAgain(batch: Pick<BatchRun, 'id' | 'startedAt'>): Promise<boolean>;
  /** Has all unfinished runs started again, since Temporal has lost them. @returns their number */
  restart(): Promise<number>;
  /** Ids of its people, in order. @param after last id of the previous page */
  members(id: string, after: string | null, limit: number): Promise<readonly string[]>;
  mustWake(id: string, identityIds: readonly string[]): Promise<void>;
  /** Targets in which people of this range wait for provisioning; leavers have identity lifecycle workflows of their own for that. */
  targetsOf(range: BatchRange): Promise<readonly string[]>;
  /** Leases the next accounts of this range in one target; those that another worker has leased, or whose provisioning is suspended, are left out. */
  claim(range: BatchRange, target: string, limit: number, by: string, milliseconds: number): Promise<readonly ClaimedAccount[]>;
  renew(accountIds: readonly string[], by: string, milliseconds: number): Promise<void>;
  release(accountIds: readonly string[], by: string): Promise<void>;
  /** Adds an outbox row for each person of this range with a changed future date or with unfinished work. @returns number of rows */
  wakeWaiting(range: BatchRange, trigger: Trigger, correlationId: string, now: Instant): Promise<number>;
}

const nobody = '00000000-0000-0000-0000-000000000000';
/** Condition for accounts with work: of those that are only read, the ones that were not read since their desired state was set. */
const isUnsettled = `a.confirmed_at is null and a.not_visible_at is null and a.drifted_at is null
  and not ${isOnlyRead}`;
const inRange = 'm.wave_id = $1 and m.identity_id > $2 and m.identity_id <= $3';
const rangeValues = ({ waveId, after, upTo }: BatchRange): readonly string[] => [waveId, after ?? nobody, upTo];

export function createBatchRuns(em: EntityManager): BatchRuns {
  const get = async (id: string): Promise<BatchRun | null> => (await em.findOne(BatchRow, { id }, { disableIdentityMap: true })) as BatchRun | null;
  return {
    async open(trigger, people, { correlationId, now }, version) {
      const id = randomUUID();
      const isDecided = people !== 'everybody' && 'decided' in people;
      const members =
        people === 'everybody' ? [] : 'decided' in people ? people.decided : people.undecided.map((identityId) => ({ identityId, mustWake: false }));
      const batch = {
        id,
        trigger,
        isDecided,
        people: 0,
        correlationId,
        createdAt: now,
        startedAt: null,
        finishedAt: null,
        source: null,
        origin: null,
        policyDigest: version?.policyDigest ?? null,
        standing: 'free' as const,
        plan: version?.plan ?? null,
      };
      await em.insert(BatchRow, { ...batch, approvable: [], releasedAt: now });
      const [row] =
        people === 'everybody'
          ? await run<{ people: number }>(
              em,
              `with m as (insert into wave_member select $1::uuid, id, false from identity returning 1) select count(*)::int as people from m`,
              [id],
            )
          : await run<{ people: number }>(
              em,
              `with m as (insert into wave_member select $1::uuid, r."identityId", r."mustWake" from jsonb_to_recordset($2::jsonb) r ("identityId" uuid, "mustWake" boolean)
                 on conflict do nothing returning 1) select count(*)::int as people from m`,
              [id, JSON.stringify(members)],
            );
      const count = row?.people ?? 0;
      if (count > 0) await run(em, 'update wave set people = $2 where id = $1', [id, count]);
      else await run(em, 'delete from wave where id = $1', [id]);
      return count > 0 ? { ...batch, people: count } : null;
    },
    get,
    async lock(id) {
      await run(em, 'select id from wave where id = $1 for update', [id]);
      return get(id);
    },
    async fill(id, { correlationId, now }) {
      await run(em, 'insert into wave_member select $1::uuid, id, false from identity on conflict do nothing', [id]);
      await run(em, `update wave set is_decided = false, correlation_id = $2, released_at = $3 where id = $1`, [id, correlationId, now]);
    },
    async enlist(id, identityIds, { correlationId, now }) {
      await run(em, 'insert into wave_member select $1::uuid, p.id, false from unnest($2::uuid[]) p (id) on conflict do nothing', [id, identityIds]);
      await run(em, 'update wave set is_decided = false, correlation_id = $2, released_at = $3 where id = $1', [id, correlationId, now]);
    },
    async waiting(limit) {
      const rows = await run<{ id: string }>(
        em,
        `select id from wave where started_at is null and standing = 'free' order by created_at limit $1 for update skip locked`,
        [limit],
      );
      return (await em.find(BatchRow, { id: { $in: rows.map(({ id }) => id) } }, { disableIdentityMap: true, orderBy: { createdAt: 'asc' } })) as BatchRun[];
    },
    started: async (id, now) => void (await run(em, 'update wave set started_at = $2 where id = $1', [id, now])),
    async finished(id, now) {
      await run(em, 'update wave set finished_at = $2 where id = $1', [id, now]);
      await run(em, 'delete from wave_member where wave_id = $1', [id]);
    },
    underWay: async (before, limit) => {
      const where = { standing: 'free', finishedAt: null, startedAt: { $lt: before } } as const;
      return (await em.find(BatchRow, where, { disableIdentityMap: true, orderBy: { createdAt: 'asc' }, limit })) as BatchRun[];
    },
    async startAgain({ id, startedAt }) {
      const rows = await run<object>(
        em,
        `update wave set started_at = null where id = $1 and started_at = $2 and finished_at is null and standing = 'free' returning 1`,
        [id, startedAt],
      );
      return rows.length > 0;
    },
    restart: async () => (await em.execute<object[]>('update wave set started_at = null where finished_at is null returning id')).length,
    async members(id, after, limit) {
      const rows = await run<{ identity_id: string }>(
        em,
        'select identity_id from wave_member where wave_id = $1 and identity_id > $2 order by identity_id limit $3',
        [id, after ?? nobody, limit],
      );
      return rows.map((row) => row.identity_id);
    },
    mustWake: async (id, ids) =>
      void (await run(em, 'update wave_member set must_wake = true where wave_id = $1 and identity_id = any($2::uuid[])', [id, ids])),
    async targetsOf(range) {
      const rows = await run<{ target: string }>(
        em,
        `select distinct a.target from wave_member m join account a on a.identity_id = m.identity_id join identity i on i.id = m.identity_id
         where ${inRange} and ${isUnsettled} and i.state not in ('leaving', 'left', 'erased') order by a.target`,
        rangeValues(range),
      );
      return rows.map(({ target }) => target);
    },
    async claim(range, target, limit, by, milliseconds) {
      const claimed = await run<{ id: string }>(
        em,
        `with free as (
           select a.id from wave_member m join account a on a.identity_id = m.identity_id and a.target = $4 join identity i on i.id = m.identity_id
           where ${inRange} and ${isUnsettled} and i.state not in ('leaving', 'left', 'erased') and (a.lease_until is null or a.lease_until < clock_timestamp())
             and not exists (select 1 from hold h where h.ended_at is null and (h.target = a.target or h.identity_id = a.identity_id))
           order by m.identity_id limit $5 for update of a skip locked)
         update account a set lease_by = $6, lease_until = clock_timestamp() + $7 * interval '1 millisecond' from free where a.id = free.id returning a.id`,
        [...rangeValues(range), target, limit, by, milliseconds],
      );
      const rows = await run<{ claimed: string | object }>(em, readClaimed, [claimed.map(({ id }) => id)]);
      return rows.map((row) => toClaimed(row.claimed));
    },
    renew: async (ids, by, milliseconds) =>
      void (await run(em, `update account set lease_until = clock_timestamp() + $3 * interval '1 millisecond' where id = any($1::uuid[]) and lease_by = $2`, [
        ids,
        by,
        milliseconds,
      ])),
    release: async (ids, by) =>
      void (await run(em, 'update account set lease_by = null, lease_until = null where id = any($1::uuid[]) and lease_by = $2', [ids, by])),
    async wakeWaiting(range, trigger, correlationId, now) {
      const rows = await run<object>(
        em,
        `insert into outbox (identity_id, trigger, urgent, correlation_id, created_at)
         select m.identity_id, $4::text, false, $5::text, $6::timestamptz from wave_member m join identity i on i.id = m.identity_id
         where ${inRange} and (m.must_wake or (i.state not in ('leaving', 'left', 'erased')
           and exists (select 1 from account a where a.identity_id = m.identity_id and ${isUnsettled}
             and (exists (select 1 from operation o where o.account_id = a.id and o.status = 'pending')
               or not exists (select 1 from operation o where o.account_id = a.id and o.status = 'failed'))))) returning 1`,
        [...rangeValues(range), trigger, correlationId, now],
      );
      return rows.length;
    },
  };
}
