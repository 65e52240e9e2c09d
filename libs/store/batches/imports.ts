import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { BatchRow } from './entities.ts';
import type { StoredRecord } from '../identities/identities.ts';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** An import: many batches of records of one source that are checked as one. */
export interface Import {
  readonly id: string;
  readonly source: string;
  /** Status; `collecting`: more batches are expected. */
  readonly standing: 'collecting' | 'free' | 'held' | 'discarded';
  /** Number of records that are new or have changed; known once it is closed. */
  readonly people: number;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
}

export interface Imports {
  /** Begins an import; an unfinished one of the same source is discarded. */
  begin(source: string, context: { readonly correlationId: string; readonly now: Instant }): Promise<Import>;
  get(id: string): Promise<Import | null>;
  /** Reads an import and locks it until the transaction ends. */
  lock(id: string): Promise<Import | null>;
  /** Records by the source's own ids; unknown ones are left out. */
  known(source: string, externalIds: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>>;
  /** Records that the import has named these people: by ids as sent, and as known. */
  name(id: string, named: readonly { readonly sent: string; readonly knownAs: string }[]): Promise<void>;
  /** Records newer versions with unchanged content. @param repeats named by the import, each with the version that it was compared with */
  noteRepeats(id: string, repeats: readonly { readonly knownAs: string; readonly record: object; readonly knownVersion: string }[]): Promise<void>;
  /**
   * Stores the versions with unchanged content, if the stored record is still the one that they were compared with. Otherwise they count as
   * changes: they become items of the import.
   * @returns number of stored versions
   */
  storeRepeats(id: string, source: string, now: Instant): Promise<number>;
  /** Number of people whom it has named, and the SHA-256 (hexadecimal) of their ids in byte order, one per line. */
  proof(id: string): Promise<{ readonly count: number; readonly digest: string }>;
  /** Ends all records of the source, in force or pending in another batch, that the import has not named. @returns their number */
  endUnnamed(id: string, source: string, now: Instant): Promise<number>;
  /** Closes the import, since no more batches follow, and has Temporal signalled. */
  close(id: string, context: { readonly correlationId: string; readonly now: Instant }): Promise<void>;
}

export function createImports(em: EntityManager): Imports {
  const get = async (id: string): Promise<Import | null> => {
    const row = await em.findOne(BatchRow, { id, source: { $ne: null } }, { disableIdentityMap: true });
    return row as Import | null;
  };
  return {
    async begin(source, { correlationId, now }) {
      const old = await run<{ id: string }>(
        em,
        `update wave set standing = 'discarded', finished_at = $2 where source = $1 and standing = 'collecting' returning id`,
        [source, now],
      );
      const ids = old.map(({ id }) => id);
      if (ids.length > 0) await run(em, 'delete from import_seen where wave_id = any($1::uuid[])', [ids]);
      if (ids.length > 0) await run(em, 'delete from batch_item where batch_id = any($1::uuid[])', [ids]);
      const begun: Import = { id: randomUUID(), source, standing: 'collecting', people: 0, createdAt: now, finishedAt: null };
      await em.insert(BatchRow, { ...begun, trigger: 'record', isDecided: true, correlationId, approvable: [] });
      return begun;
    },
    get,
    async lock(id) {
      await run(em, 'select id from wave where id = $1 for update', [id]);
      return get(id);
    },
    async known(source, externalIds) {
      const rows = await run<{ record: string }>(
        em,
        `select to_json(r)::text as record from jsonb_array_elements_text($2::jsonb) k (id)
         cross join lateral (select * from source_record where source = $1 and external_id = k.id limit 1) r`,
        [source, JSON.stringify(externalIds)],
      );
      const records = rows.map(({ record }) => fromJsonRow<StoredRecord>(JSON.parse(record) as Readonly<Record<string, unknown>>));
      return new Map(records.map((record) => [record.externalId, record]));
    },
    name: async (id, named) =>
      void (await run(
        em,
        'insert into import_seen (wave_id, external_id, known_as) select $1::uuid, sent, known_as from jsonb_to_recordset($2::jsonb) x (sent text, known_as text) on conflict do nothing',
        [id, toJsonRows(named)],
      )),
    noteRepeats: async (id, repeats) =>
      void (await run(
        em,
        `update import_seen s set record = r.record, known_version = r.known_version
         from jsonb_to_recordset($2::jsonb) r (known_as text, record jsonb, known_version text) where s.wave_id = $1 and s.known_as = r.known_as`,
        [id, toJsonRows(repeats)],
      )),
    async storeRepeats(id, source, now) {
      const rows = await run<object>(
        em,
        `update source_record r set version = s.record->>'version', recorded_at = $3::timestamptz from import_seen s
         where s.wave_id = $1 and s.record is not null and r.source = $2 and r.external_id = s.known_as and r.version = s.known_version
           and r.said is null and r.vanished_at is null and r.withdrawn_at is null returning 1`,
        [id, source, now],
      );
      await run(
        em,
        `insert into batch_item (batch_id, key, source, version, record, identity_id, changes, added_at)
         select distinct on (s.known_as) $1::uuid, s.known_as, $2, s.record->>'version', s.record, r.identity_id, '[]'::jsonb, $3::timestamptz
         from import_seen s join source_record r on r.source = $2 and r.external_id = s.known_as
         where s.wave_id = $1 and s.record is not null and (s.record->>'version')::numeric > r.version::numeric
         on conflict (batch_id, key) do nothing`,
        [id, source, now],
      );
      return rows.length;
    },
    async proof(id) {
      const [row] = await run<{ count: number; digest: string | null }>(
        em,
        `select count(*)::int as count, encode(sha256(convert_to(coalesce(string_agg(external_id, E'\\n' order by external_id), ''), 'UTF8')), 'hex') as digest
         from import_seen where wave_id = $1`,
        [id],
      );
      return { count: row?.count ?? 0, digest: row?.digest ?? '' };
    },
    async endUnnamed(id, source, now) {
      await run(
        em,
        `insert into batch_item (batch_id, key, source, version, has_vanished, record, identity_id, changes, added_at)
         select $1, r.external_id, r.source, r.version, true, jsonb_build_object('source', r.source, 'externalId', r.external_id, 'version', r.version, 'facts', r.facts,
           'status', 'ended', 'endedAt', null, 'hasVanished', true), r.identity_id, '[]', $3
         from source_record r where r.source = $2 and r.identity_id is not null and (r.status is distinct from 'ended' or r.ended_at > $3
           or r.ended_on::date > ($3::timestamptz at time zone 'UTC')::date)
           and not exists (select 1 from import_seen s where s.wave_id = $1 and s.known_as = r.external_id)
         on conflict do nothing`,
        [id, source, now],
      );
      // An earlier record of them may be pending: it must not take effect after this one by an approval of the older batch.
      await run(
        em,
        `insert into batch_item (batch_id, key, source, version, has_vanished, record, identity_id, changes, added_at)
         select distinct on (i.key) $1::uuid, i.key, i.source, i.version, true,
           i.record || '{"status":"ended","endedAt":null,"endedOn":null,"hasVanished":true}'::jsonb || jsonb_build_object('vanishedFrom', i.record), i.identity_id, '[]'::jsonb, $3::timestamptz
         from batch_item i join wave w on w.id = i.batch_id and w.standing in ('held', 'free') where i.source = $2 and i.result = 'pending' and i.batch_id <> $1
           and not i.has_vanished and not exists (select 1 from import_seen s where s.wave_id = $1 and s.known_as = i.key)
         order by i.key, i.version::numeric desc
         on conflict (batch_id, key) do update set version = excluded.version, record = excluded.record where excluded.version::numeric > batch_item.version::numeric`,
        [id, source, now],
      );
      const [row] = await run<{ count: number }>(em, 'select count(*)::int as count from batch_item where batch_id = $1 and has_vanished', [id]);
      return row?.count ?? 0;
    },
    async close(id, { correlationId, now }) {
      await run(em, 'delete from import_seen where wave_id = $1', [id]);
      await run(
        em,
        `update wave set standing = 'free', correlation_id = $2, released_at = $3, people = (select count(*)::int from batch_item where batch_id = $1) where id = $1`,
        [id, correlationId, now],
      );
    },
  };
}
