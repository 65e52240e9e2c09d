import type { EntityManager } from '@mikro-orm/postgresql';
import type { BatchItemResult, FallAwayReason, Instant, ItemState, PersonInBatch, CountedChange, BatchChangeKind } from '@tenure/domain';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** One item of a batch change: a record of a source, or a person in a policy version. */
export interface BatchItem {
  readonly batchId: string;
  /** The source's own id of the record; in a policy version, the person's id. */
  readonly key: string;
  /** Source of the record; `null` in a policy version, as are `version` and `record`. */
  readonly source: string | null;
  readonly version: string | null;
  /** Record as received, to be processed as if it arrived at the approval; `null` once the item is settled. */
  readonly record: Readonly<Record<string, unknown>> | null;
  /** True if a complete import did not name the person. */
  readonly hasVanished: boolean;
  readonly identityId: string | null;
  /** Changes in the form in which the change budget counts them. */
  readonly changes: readonly CountedChange[];
  /** State before the change: previewed while the item is pending, actual once it is carried out. `null`: not previewed, or there is none. */
  readonly before: ItemState | null;
  readonly after: ItemState | null;
  readonly result: BatchItemResult;
  readonly reason: FallAwayReason | null;
  /** Number of failed attempts to carry it out. */
  readonly attempts: number;
  readonly addedAt: Instant;
  readonly settledAt: Instant | null;
}

export type NewBatchItem = Pick<BatchItem, 'key' | 'source' | 'version' | 'record' | 'hasVanished' | 'identityId' | 'changes'> &
  Partial<Pick<BatchItem, 'before' | 'after'>>;

/** Plan of a pending item. */
export type PlannedItem = Pick<BatchItem, 'key' | 'version' | 'identityId' | 'changes'> & Partial<Pick<BatchItem, 'before' | 'after'>>;

/** A record that is pending in a batch. `isApproved`: its batch is being carried out. */
export interface PendingRecord {
  readonly batchId: string;
  readonly key: string;
  readonly version: string;
  readonly hasVanished: boolean;
  readonly isApproved: boolean;
  /** Record as it would be processed. */
  readonly record: BatchItem['record'];
}

/** Result of an item. */
export type SettledItem = Pick<BatchItem, 'key' | 'identityId' | 'result' | 'reason'> & Partial<Pick<BatchItem, 'before' | 'after'>>;

/** A person for whom a policy version was carried out. `before` counts only where this changed something. */
export interface CarriedOutPerson {
  readonly identityId: string;
  readonly changes: readonly CountedChange[];
  readonly before: ItemState;
  readonly after: ItemState;
}

/** Number of items of a batch by result. */
export type BatchTally = Readonly<Record<'pending' | 'carriedOut' | 'fellAway' | 'discarded', number>>;

/** Selection of items: those of these people, and those whose changes are all of these kinds. */
export interface BatchPart {
  readonly identityIds?: readonly string[];
  readonly kinds?: readonly BatchChangeKind[];
}

export interface BatchItems {
  /** Adds items; one with the key of an earlier item replaces it. */
  add(batchId: string, items: readonly NewBatchItem[], now: Instant): Promise<void>;
  /** A page of pending items, in the order of their keys. */
  pending(batchId: string, after: string | null, limit: number): Promise<readonly BatchItem[]>;
  /** All pending items of a part. */
  pendingOf(batchId: string, part: BatchPart): Promise<readonly BatchItem[]>;
  /** Items of these batches that were carried out, a page at a time, in the order of batches and keys. */
  carriedOut(batchIds: readonly string[], after: Pick<BatchItem, 'batchId' | 'key'> | null, limit: number): Promise<readonly BatchItem[]>;
  /** Items with these keys. */
  many(of: readonly Pick<BatchItem, 'batchId' | 'key'>[]): Promise<readonly BatchItem[]>;
  /** Numbers of items of a part that fell away, and of those approved earlier, which are in batches of their own. */
  settledOf(batchId: string, part: BatchPart): Promise<{ readonly fellAway: number; readonly approved: number }>;
  /** Pending records of a source. Their batches are locked until the transaction ends. */
  pendingRecords(source: string, keys: readonly string[]): Promise<readonly PendingRecord[]>;
  /** Records with these keys that a batch has stored, in no order. */
  recordsOf(batchId: string, keys: readonly string[]): Promise<readonly NonNullable<BatchItem['record']>[]>;
  /** Planned changes of each pending item. */
  people(batchId: string): Promise<readonly PersonInBatch[]>;
  /** Replaces the previews of items; those that are settled by now, or have another version, stay as they are. */
  replan(batchId: string, items: readonly PlannedItem[]): Promise<void>;
  /** Marks items as fallen away; only pending ones change. */
  fallAway(items: readonly Pick<BatchItem, 'batchId' | 'key'>[], reason: FallAwayReason, now: Instant): Promise<void>;
  settle(batchId: string, items: readonly SettledItem[], now: Instant): Promise<void>;
  /** Settles people of a policy version, whether they were previewed or not. */
  settlePeople(batchId: string, people: readonly CarriedOutPerson[], now: Instant): Promise<void>;
  /** Settles all pending items. @returns their number */
  settleRest(batchId: string, result: 'fell-away' | 'discarded', reason: FallAwayReason | null, now: Instant): Promise<number>;
  /** Counts a failed attempt. @returns number of failed attempts so far */
  failed(batchId: string, key: string): Promise<number>;
  /** Resets the failures of pending items, since somebody has requested another attempt. */
  tryAnew(batchId: string): Promise<void>;
  /** Moves items to another batch. */
  move(from: string, to: string, keys: readonly string[]): Promise<void>;
  tally(batchIds: readonly string[]): Promise<ReadonlyMap<string, BatchTally>>;
  /** A page of items with one of these results, in the order of their keys. */
  page(batchId: string, results: readonly BatchItemResult[], limit: number, after: string | null): Promise<readonly BatchItem[]>;
}

const noTally: BatchTally = { pending: 0, carriedOut: 0, fellAway: 0, discarded: 0 };

export function createBatchItems(em: EntityManager): BatchItems {
  const rowsOf = async <T>(text: string, values: readonly unknown[]): Promise<readonly T[]> => {
    const rows = await run<{ row: string }>(em, `select to_json(r)::text as row from (${text}) r`, values);
    return rows.map(({ row }) => fromJsonRow<T>(JSON.parse(row) as Readonly<Record<string, unknown>>));
  };
  return {
    async add(batchId, items, now) {
      if (items.length > 0) await run(em, addItems, [batchId, now, toJsonRows(items)]);
    },
    pending: (batchId, after, limit) =>
      rowsOf(`select * from batch_item where batch_id = $1 and result = 'pending' and key > $2 order by key limit $3`, [batchId, after ?? '', limit]),
    pendingOf: (batchId, { identityIds = null, kinds = null }) =>
      rowsOf(`select * from batch_item i where batch_id = $1 and result = 'pending' and ${inPart} order by key`, [batchId, identityIds, kinds]),
    carriedOut: (batchIds, after, limit) =>
      rowsOf(
        `select * from batch_item where batch_id = any($1::uuid[]) and result = 'carried-out' and ($2::uuid is null or (batch_id, key) > ($2::uuid, $3)) order by batch_id, key limit $4`,
        [batchIds, after?.batchId ?? null, after?.key ?? '', limit],
      ),
    many: (of) =>
      rowsOf('select i.* from jsonb_to_recordset($1::jsonb) r (batch_id uuid, key text) join batch_item i on i.batch_id = r.batch_id and i.key = r.key', [
        toJsonRows(of.map(({ batchId, key }) => ({ batchId, key }))),
      ]),
    async settledOf(batchId, { identityIds = null, kinds = null }) {
      const [row] = await run<{ fellAway: number; approved: number }>(
        em,
        `select count(*) filter (where w.id = $1 and i.result = 'fell-away')::int as "fellAway", count(*) filter (where w.part_of = $1)::int as approved
         from wave w join batch_item i on i.batch_id = w.id where (w.id = $1 or w.part_of = $1) and ${inPart}`,
        [batchId, identityIds, kinds],
      );
      return row ?? { fellAway: 0, approved: 0 };
    },
    async pendingRecords(source, keys) {
      const found = await run<{ batch_id: string }>(
        em,
        `select distinct batch_id from batch_item where source = $1 and result = 'pending' and key = any($2::text[]) order by 1`,
        [source, keys],
      );
      if (found.length === 0) return [];
      // Locks the batches first, in order, as every change of items does: a concurrent approval waits, or is waited for.
      await run(em, 'select id from wave where id = any($1::uuid[]) order by id for update', [found.map(({ batch_id }) => batch_id)]);
      return rowsOf(
        `select i.batch_id, i.key, i.version, i.has_vanished, i.record, w.standing = 'free' as is_approved from batch_item i join wave w on w.id = i.batch_id and w.standing in ('held', 'free')
         where i.source = $1 and i.result = 'pending' and i.key = any($2::text[]) order by i.batch_id, i.key`,
        [source, keys],
      );
    },
    async recordsOf(batchId, keys) {
      const rows: readonly Pick<BatchItem, 'record'>[] = await rowsOf('select record from batch_item where batch_id = $1 and key = any($2::text[])', [
        batchId,
        keys,
      ]);
      return rows.flatMap(({ record }) => (record === null ? [] : [record]));
    },
    async people(batchId) {
      const rows = await rowsOf<Pick<BatchItem, 'key' | 'identityId' | 'changes'>>(
        `select key, identity_id, changes from batch_item where batch_id = $1 and result = 'pending' order by key`,
        [batchId],
      );
      return rows.map(({ key, identityId, changes }) => ({ key: identityId ?? key, identityId, changes }));
    },
    async replan(batchId, items) {
      if (items.length > 0) await run(em, replanItems, [batchId, toJsonRows(items)]);
    },
    async fallAway(items, reason, now) {
      if (items.length === 0) return;
      const rows = items.map(({ batchId, key }) => ({ batchId, key }));
      await run(em, fallAwayItems, [toJsonRows(rows), reason, now]);
    },
    async settle(batchId, items, now) {
      if (items.length > 0) await run(em, settleItems, [batchId, now, toJsonRows(items)]);
    },
    async settlePeople(batchId, people, now) {
      if (people.length > 0) await run(em, settlePeople, [batchId, now, toJsonRows(people)]);
    },
    settleRest: async (batchId, result, reason, now) =>
      (
        await run(em, `update batch_item set result = $2, reason = $3, settled_at = $4, record = null where batch_id = $1 and result = 'pending' returning 1`, [
          batchId,
          result,
          reason,
          now,
        ])
      ).length,
    async failed(batchId, key) {
      const [row] = await run<{ attempts: number }>(em, 'update batch_item set attempts = attempts + 1 where batch_id = $1 and key = $2 returning attempts', [
        batchId,
        key,
      ]);
      return row?.attempts ?? 0;
    },
    tryAnew: async (batchId) =>
      void (await run(em, `update batch_item set attempts = 0 where batch_id = $1 and result = 'pending' and attempts > 0`, [batchId])),
    move: async (from, to, keys) => void (await run(em, 'update batch_item set batch_id = $2 where batch_id = $1 and key = any($3::text[])', [from, to, keys])),
    async tally(batchIds) {
      const rows = await run<BatchTally & { batch_id: string }>(em, tallyItems, [batchIds]);
      const found = new Map(rows.map(({ batch_id, ...tally }) => [batch_id, tally]));
      return new Map(batchIds.map((id) => [id, found.get(id) ?? noTally]));
    },
    page: (batchId, results, limit, after) =>
      rowsOf('select * from batch_item where batch_id = $1 and result = any($2::text[]) and key > $4 order by key limit $3', [
        batchId,
        results,
        limit,
        after ?? '',
      ]),
  };
}

const inPart = `($2::uuid[] is null or i.identity_id = any($2::uuid[]))
  and ($3::text[] is null or not exists (select 1 from jsonb_to_recordset(i.changes) c (kind text) where c.kind <> all($3::text[])))`;

const addItems = `insert into batch_item (batch_id, key, source, version, record, has_vanished, identity_id, changes, before, after, added_at)
  select $1::uuid, r.key, r.source, r.version, r.record, r.has_vanished, r.identity_id, r.changes, r.before, r.after, $2::timestamptz
  from jsonb_to_recordset($3::jsonb) r (key text, source text, version text, record jsonb, has_vanished boolean, identity_id uuid, changes jsonb, before jsonb, after jsonb)
  on conflict (batch_id, key) do update set source = excluded.source, version = excluded.version, record = excluded.record, has_vanished = excluded.has_vanished,
    identity_id = excluded.identity_id, changes = excluded.changes, before = excluded.before, after = excluded.after, result = 'pending', reason = null, attempts = 0,
    added_at = excluded.added_at, settled_at = null`;

const replanItems = `update batch_item i set identity_id = r.identity_id, changes = r.changes, before = coalesce(r.before, i.before), after = coalesce(r.after, i.after)
  from jsonb_to_recordset($2::jsonb) r (key text, version text, identity_id uuid, changes jsonb, before jsonb, after jsonb)
  where i.batch_id = $1 and i.key = r.key and i.result = 'pending' and i.version is not distinct from r.version`;

const fallAwayItems = `update batch_item i set result = 'fell-away', reason = $2, settled_at = $3, record = null
  from jsonb_to_recordset($1::jsonb) r (batch_id uuid, key text) where i.batch_id = r.batch_id and i.key = r.key and i.result = 'pending'`;

const settleItems = `update batch_item i set result = r.result, reason = r.reason, identity_id = coalesce(r.identity_id, i.identity_id), before = coalesce(r.before, i.before),
  after = coalesce(r.after, i.after), settled_at = $2, record = null
  from jsonb_to_recordset($3::jsonb) r (key text, identity_id uuid, result text, reason text, before jsonb, after jsonb)
  where i.batch_id = $1 and i.key = r.key and i.result = 'pending'`;

// The person's own identity lifecycle workflow may have been first: then nothing changes now, and the preview shows the state before.
const settlePeople = `with p as (select * from jsonb_to_recordset($3::jsonb) r (identity_id uuid, changes jsonb, before jsonb, after jsonb)),
  known as (update batch_item i set before = case when p.changes = '[]' then i.before else p.before end, after = p.after, settled_at = $2,
      changes = case when p.changes = '[]' then i.changes else p.changes end,
      result = case when p.changes = '[]' and coalesce(i.before - 'record' = p.after, true) then 'fell-away' else 'carried-out' end,
      reason = case when p.changes = '[]' and coalesce(i.before - 'record' = p.after, true) then 'no-change' end
    from p where i.batch_id = $1 and i.identity_id = p.identity_id and i.result = 'pending' returning i.identity_id)
  insert into batch_item (batch_id, key, identity_id, changes, before, after, result, added_at, settled_at)
  select $1::uuid, p.identity_id::text, p.identity_id, p.changes, p.before, p.after, 'carried-out', $2, $2 from p
  where p.changes <> '[]' and p.identity_id not in (select identity_id from known) on conflict do nothing`;

const tallyItems = `select batch_id, count(*) filter (where result = 'pending')::int as pending, count(*) filter (where result = 'carried-out')::int as "carriedOut",
  count(*) filter (where result = 'fell-away')::int as "fellAway", count(*) filter (where result = 'discarded')::int as discarded
  from batch_item where batch_id = any($1::uuid[]) group by batch_id`;
