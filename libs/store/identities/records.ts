import type { EntityManager } from '@mikro-orm/postgresql';
import type { Lifecycle, LifecycleState } from '@tenure/domain';
import { insertIdentities, type StoredIdentity, type StoredRecord, searchText } from './identities.ts';
import { SourceRecordRow } from './entities.ts';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';

/** Key of a source record: the source, and its id of the person. */
export type RecordKey = Pick<StoredRecord, 'source' | 'externalId'>;

/** Values of an attribute to search for in source records. */
export interface Wanted {
  readonly attribute: string;
  readonly values: readonly string[];
  /** Sources that count; `trusted`: those that are trusted for the e-mail's domain. */
  readonly sources: readonly string[] | 'trusted';
}

/** An identity with a searched value in a source record that is not withdrawn, and its lifecycle state. */
export interface Candidate {
  readonly identityId: string;
  readonly state: LifecycleState;
  readonly next: Lifecycle['next'];
}

/** Source records, processed one or many at a time: each method is one or two statements. */
export interface Records {
  /** Reads and locks records, and locks the keys of unknown ones against a concurrent insert. @returns the known records */
  lock(keys: readonly RecordKey[]): Promise<readonly StoredRecord[]>;
  /** Records with these ids, in no order. */
  many(ids: readonly string[]): Promise<readonly StoredRecord[]>;
  get(id: string): Promise<StoredRecord | null>;
  /** Locks these keys until the transaction ends, so that a concurrent search for the same key waits, then finds the result. */
  lockKeys(keys: readonly string[]): Promise<void>;
  /**
   * Finds identities by values, compared without the case of A to Z; at most ten per value.
   * @returns `found`: candidates by value, for each of `wanted`; `taken`: those of the user names that exist, and their variants numbered up to 99
   */
  look(
    wanted: readonly Wanted[],
    userNames: readonly string[],
  ): Promise<{ readonly found: readonly ReadonlyMap<string, readonly Candidate[]>[]; readonly taken: ReadonlySet<string> }>;
  /** Stores new identities, and records that are new or have changed; each record once. */
  save(identities: readonly StoredIdentity[], records: readonly StoredRecord[]): Promise<void>;
}

export function createRecords(em: EntityManager): Records {
  return {
    async lock(keys) {
      await lockRecords(em, keys);
      const rows = await run<{ record: string }>(em, readRecords, [toJsonRows(keys.map(({ source, externalId }) => ({ source, externalId })))]);
      return rows.map(({ record }) => fromJsonRow(JSON.parse(record) as Readonly<Record<string, unknown>>));
    },
    many: async (ids) => (await em.find(SourceRecordRow, { id: { $in: [...ids] } }, { disableIdentityMap: true })) as StoredRecord[],
    get: async (id) => (await em.findOne(SourceRecordRow, { id }, { disableIdentityMap: true })) as StoredRecord | null,
    async lockKeys(keys) {
      if (keys.length > 0) await send(em, 'select pg_advisory_xact_lock(hashtextextended(key, 2)) from unnest($1::text[]) key', [inOrder(keys)]);
    },
    async look(wanted, userNames) {
      const values: unknown[] = [JSON.stringify(userNames)];
      const arms = wanted.map((one) => finding(one, (value) => `$${values.push(value)}`));
      const text = `select json_build_array(${arms.join(', ')})::text as found, ${takenNames} as taken`;
      const [row] = await run<{ found: string; taken: string[] }>(em, text, values);
      const found = JSON.parse(row?.found ?? '[]') as readonly (readonly (Candidate & { value: string })[])[];
      return { found: found.map((some) => Map.groupBy(some, ({ value }) => value)), taken: new Set(row?.taken) };
    },
    async save(identities, records) {
      const rows = identities.map((identity) => ({ ...identity, searchText: searchText(identity) }));
      await send(em, saveRecords, [toJsonRows(rows), toJsonRows(records)]);
    },
  };
}

/** Locks records, known or not, until the transaction ends. */
export async function lockRecords(em: EntityManager, keys: readonly RecordKey[]): Promise<void> {
  await send(em, 'select pg_advisory_xact_lock(hashtextextended(key, 1)) from unnest($1::text[]) key', [inOrder(keys.map(keyOf))]);
}

/** Sorted unique keys: one order for all transactions avoids deadlocks. */
function inOrder(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].sort();
}

function keyOf({ source, externalId }: RecordKey): string {
  return `${source}\n${externalId}`;
}

// Lists are JSON with one lookup per row: the server then plans the statement once, whatever the number of rows.
const readRecords = `select to_json(r)::text as record from jsonb_to_recordset($1::jsonb) k (source text, external_id text)
  cross join lateral (select * from source_record where source = k.source and external_id = k.external_id limit 1) r`;

/**
 * Expression that finds identities by values of one attribute. The attribute's name is part of the text, since indexes are on single attributes.
 * The index compares by the database's case mapping, which equates letters of other scripts with A to Z, so the second comparison decides.
 */
function finding({ attribute, values, sources }: Wanted, place: (value: unknown) => string): string {
  const fact = `facts->>'${attribute.replaceAll("'", "''")}'`;
  return `(select coalesce(json_agg(json_build_object('value', v.value, 'identityId', i.id, 'state', i.state, 'next', i.lifecycle->'next')), '[]')
    from jsonb_array_elements_text(${place(JSON.stringify(values))}::jsonb) v (value) cross join lateral (
      select distinct identity_id from source_record where identity_id is not null and withdrawn_at is null and lower(${fact}) = lower(v.value)
        and lower((${fact}) collate "C") = lower(v.value collate "C") and ${sources === 'trusted' ? 'email_trusted' : `source = any(${place(sources)}::text[])`} limit 10) c
    join identity i on i.id = c.identity_id)`;
}

const takenNames = `array(
  with base as (select i.user_name from jsonb_array_elements_text($1::jsonb) b (name) cross join lateral (select user_name from identity where user_name = b.name limit 1) i)
  select user_name from base union all
  select t.user_name from base cross join generate_series(2, 99) number
    cross join lateral (select user_name from identity where user_name = base.user_name || number limit 1) t)`;

const saveRecords = `with added as (${insertIdentities})
insert into source_record (id, identity_id, source, external_id, version, facts, groups, email_trusted, email_verified, status, ended_at, ended_on, user_type, extends, recorded_at, vanished_at, said, withdrawn_at)
  select * from jsonb_to_recordset($2::jsonb) r (id uuid, identity_id uuid, source text, external_id text, version text, facts jsonb, groups jsonb, email_trusted boolean, email_verified boolean,
    status text, ended_at timestamptz, ended_on text, user_type text, extends jsonb, recorded_at timestamptz, vanished_at timestamptz, said jsonb, withdrawn_at timestamptz)
  on conflict (source, external_id) do update set identity_id = excluded.identity_id, version = excluded.version, facts = excluded.facts, groups = excluded.groups,
    email_trusted = excluded.email_trusted, email_verified = excluded.email_verified, status = excluded.status, ended_at = excluded.ended_at, ended_on = excluded.ended_on, user_type = excluded.user_type, extends = excluded.extends,
    recorded_at = excluded.recorded_at, vanished_at = excluded.vanished_at, said = excluded.said, withdrawn_at = excluded.withdrawn_at`;
