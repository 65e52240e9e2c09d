import type { EntityManager } from '@mikro-orm/postgresql';
import type { Identity, Instant, Lifecycle, LifecycleState, SaidRecord, SourceRecord } from '@tenure/domain';
import type { LoginSubject } from '../login/login-subject.ts';
import { readRows, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';
import { IdentityRow, LoginSubjectRow } from './entities.ts';

/** An identity with the results of its last decision. */
export interface StoredIdentity extends Identity {
  readonly state: LifecycleState;
  readonly lifecycle: Lifecycle | null;
  readonly activations: Readonly<Record<string, Instant>>;
  /** Instants from which rules in their grace period no longer apply, by rule. */
  readonly endings: Readonly<Record<string, Instant>>;
  /** When the person began to count as idle; `null`: inactivity is not monitored. */
  readonly idleSince: Instant | null;
  /** When a login or a target last showed activity of the person; `null`: never. */
  readonly lastActivityAt: Instant | null;
  /** Last activities of the person that targets have reported, one per target, as last read. */
  readonly reportedActivity: readonly Instant[];
  /** Keys of the cases that the last decision opened, which close automatically. */
  readonly questions: readonly string[];
  readonly policyVersion: number | null;
  readonly nextWakeUp: Instant | null;
  readonly decidedAt: Instant | null;
  readonly revision: number;
  /** Id of the identity that it was merged into; absent and `null`: it is an identity of its own. */
  readonly mergedInto?: string | null;
}

/** A source record with the source's own version of it (digits), and its identity, when that is known. */
export interface StoredRecord extends SourceRecord {
  readonly identityId: string | null;
  readonly version: string;
  /** True if its source is trusted for the e-mail's domain and states that the e-mail is verified. Only then does it link. */
  readonly emailTrusted: boolean;
  /** Verification of the e-mail address as its source states it, trusted for the domain or not; absent and `null`: recorded before it was stored. */
  readonly emailVerified?: boolean | null;
  /** When a complete import no longer named it; absent and `null`: it has not vanished. */
  readonly vanishedAt?: Instant | null;
  /**
   * Content that the source itself sent last, where it does not count: an operator has corrected or withdrawn the record, or a complete import
   * did not name it. Absent and `null`: the content of the source counts.
   */
  readonly said?: SaidRecord | null;
}

export interface IdentityFilter {
  /** Part of a name, address, number or user name, case-insensitive. */
  readonly search?: string;
  readonly states?: readonly LifecycleState[];
  readonly userTypes?: readonly string[];
  /** Role or entitlement that the person has now. */
  readonly withGrant?: string;
}

export interface Identities {
  /**
   * Number of active people who meet all conditions, and ids of some of them, without those of `without` and those who have the entitlement.
   */
  matching(
    conditions: readonly { readonly attribute: string; readonly value: string | number | boolean }[],
    other: { readonly without: readonly string[]; readonly entitlement: string; readonly limit: number },
  ): Promise<{ readonly count: number; readonly ids: readonly string[] }>;
  /**
   * Reads an identity and locks it until the transaction ends, so that decisions about it are serialized. Rows that only refer to it (a case,
   * an owner) do not wait: the row and its id stay.
   */
  lock(id: string): Promise<StoredIdentity | null>;
  /**
   * Reads an identity and keeps it from being decided about until the transaction ends. Others may keep it at the same time.
   */
  keep(id: string): Promise<StoredIdentity | null>;
  get(id: string): Promise<StoredIdentity | null>;
  byUserName(userName: string): Promise<StoredIdentity | null>;
  byUserNames(userNames: readonly string[]): Promise<readonly StoredIdentity[]>;
  many(ids: readonly string[]): Promise<readonly StoredIdentity[]>;
  /** A page of identities, in the order of ids. @param after last id of the previous page */
  page(filter: IdentityFilter, limit: number, after: string | null): Promise<readonly StoredIdentity[]>;
  count(filter: IdentityFilter): Promise<number>;
  insert(identity: StoredIdentity): Promise<void>;
  /** Ids of identities with a future date or unfinished work, whose identity lifecycle workflows have to run. */
  livesToRun(limit: number, after: string | null): Promise<readonly string[]>;
  /** Ids of identities whose wake-up was due before this instant. */
  overdue(before: Instant, limit: number): Promise<readonly string[]>;
  /** Ids of identities whose access ended by a date before this instant, without a decision since. */
  endsOverdue(before: Instant, limit: number): Promise<readonly string[]>;

  recordsOf(identityId: string): Promise<readonly StoredRecord[]>;
  /** Records of all these people, in the order of sources. */
  recordsOfMany(identityIds: readonly string[]): Promise<readonly StoredRecord[]>;

  subjectsOf(identityId: string): Promise<readonly LoginSubject[]>;
}

const plain = { disableIdentityMap: true } as const;
/** Characters. Migration 0040 explains the limit. */
const longestSearchText = 500;

export function createIdentities(em: EntityManager): Identities {
  return {
    async matching(conditions, { without, entitlement, limit }) {
      const rows = await run<{ count: number; ids: readonly string[] | null }>(
        em,
        `with found as (
           select i.id from identity i where i.state = 'active' and i.id <> all($2::uuid[])
             and not exists (select 1 from jsonb_to_recordset($1::jsonb) c (attribute text, value jsonb)
               where case when c.attribute = 'userType' then to_jsonb(i.user_type) else i.attributes->c.attribute->'value' end is distinct from c.value)
             and not exists (select 1 from access_grant g where g.identity_id = i.id and g.ended_at is null and g.kind = 'entitlement' and g.name = $3))
         select (select count(*) from found)::int as count, (select array_agg(id::text) from (select id from found order by id limit $4) x) as ids`,
        [JSON.stringify(conditions), without, entitlement, limit],
      );
      return { count: rows[0]?.count ?? 0, ids: rows[0]?.ids ?? [] };
    },
    async lock(id) {
      const rows = await em.execute<{ id: string }[]>('select id from identity where id = ? for no key update', [id]);
      return rows.length === 0 ? null : this.get(id);
    },
    async keep(id) {
      const rows = await em.execute<{ id: string }[]>('select id from identity where id = ? for share', [id]);
      // A statement sees data committed before it began: a decision that was waited for is read by the second one.
      return rows.length === 0 ? null : this.get(id);
    },
    get: async (id) => (await identitiesOf(em, [id]))[0] ?? null,
    byUserName: async (userName) => toIdentity(await em.findOne(IdentityRow, { userName }, plain)),
    byUserNames: async (names) => (await em.find(IdentityRow, { userName: { $in: [...names] } }, plain)).map((row) => toIdentity(row) as StoredIdentity),
    many: (ids) => identitiesOf(em, ids),
    async page(filter, limit, after) {
      const { where, parameters } = conditions(filter, after);
      const rows = await em.execute<{ id: string }[]>(`select id from identity i where ${where} order by id limit ?`, [...parameters, limit]);
      const found = await this.many(rows.map((row) => row.id));
      return [...found].sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    async count(filter) {
      const { where, parameters } = conditions(filter, null);
      const [row] = await em.execute<{ count: string }[]>(`select count(*) as count from identity i where ${where}`, parameters);
      return Number(row?.count ?? 0);
    },
    insert: async (identity) => {
      await run(em, insertIdentities, [toJsonRows([{ ...identity, searchText: searchText(identity) }])]);
    },
    async livesToRun(limit, after) {
      const rows = await em.execute<{ id: string }[]>(
        `select i.id from identity i where i.id > ? and (i.decided_at is null or i.next_wake_up is not null
           or exists (select 1 from operation o where o.identity_id = i.id and o.status in ('pending', 'failed')))
         order by i.id limit ?`,
        [after ?? '00000000-0000-0000-0000-000000000000', limit],
      );
      return rows.map((row) => row.id);
    },
    async overdue(before, limit) {
      const rows = await em.execute<{ id: string }[]>('select id from identity where next_wake_up < ? order by next_wake_up limit ?', [before, limit]);
      return rows.map((row) => row.id);
    },

    async endsOverdue(before, limit) {
      const rows = await em.execute<{ id: string }[]>(
        `select id from identity where next_wake_up < ? and state not in ('leaving', 'left', 'erased') and lifecycle->'next'->>'state' in ('leaving', 'left')
           and (lifecycle->'next'->>'at')::timestamptz < ?::timestamptz order by next_wake_up limit ?`,
        [before, before, limit],
      );
      return rows.map((row) => row.id);
    },

    recordsOf: (identityId) => readRows(em, 'select * from source_record where identity_id = $1::uuid', [identityId]),
    recordsOfMany: (ids) => readRows(em, 'select * from source_record where identity_id = any($1::uuid[]) order by source, external_id', [ids]),

    subjectsOf: async (identityId) => (await em.find(LoginSubjectRow, { identityId }, plain)) as readonly LoginSubject[],
  };
}

/** Statement that inserts identities; its first value is their rows as JSON. */
export const insertIdentities = `insert into identity (id, user_name, user_type, attributes, groups, relationships, time_zone, created_at, search_text, state, lifecycle,
    activations, endings, questions, policy_version, next_wake_up, decided_at, revision, idle_since, last_activity_at, reported_activity)
  select * from jsonb_to_recordset($1::jsonb) r (id uuid, user_name text, user_type text, attributes jsonb, groups jsonb, relationships jsonb, time_zone text,
    created_at timestamptz, search_text text, state text, lifecycle jsonb, activations jsonb, endings jsonb, questions jsonb, policy_version int,
    next_wake_up timestamptz, decided_at timestamptz, revision int, idle_since timestamptz, last_activity_at timestamptz, reported_activity jsonb)`;

async function identitiesOf(em: EntityManager, ids: readonly string[]): Promise<StoredIdentity[]> {
  const rows = await readRows<StoredIdentity & { searchText: string }>(em, 'select * from identity where id = any($1::uuid[])', [ids]);
  return rows.map(({ searchText: _searchText, ...identity }) => identity);
}

function toIdentity(row: object | null): StoredIdentity | null {
  if (row === null) return null;
  const { searchText: _searchText, ...identity } = row as StoredIdentity & { searchText: string };
  return identity;
}

/** Lower-cased names and addresses, for the search box; short enough for an index. */
export function searchText(identity: Pick<Identity, 'userName' | 'attributes'>): string {
  const found = ['displayName', 'givenName', 'familyName', 'email', 'employeeNumber'].map((name) => identity.attributes[name]?.value);
  const text = [identity.userName, ...found]
    .filter((value) => typeof value === 'string')
    .join(' ')
    .toLowerCase();
  // Cut by characters: half a surrogate pair could not be stored.
  return text.length <= longestSearchText ? text : Array.from(text).slice(0, longestSearchText).join('');
}

function conditions(filter: IdentityFilter, after: string | null): { where: string; parameters: unknown[] } {
  const parts: string[] = ['true'];
  const parameters: unknown[] = [];
  const add = (part: string, value: unknown): void => {
    parts.push(part);
    parameters.push(value);
  };
  if (after !== null) add('i.id > ?', after);
  if (filter.search) add('i.search_text like ?', `%${filter.search.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`);
  if (filter.states?.length) add('i.state in (?)', [...filter.states]);
  if (filter.userTypes?.length) add('i.user_type in (?)', [...filter.userTypes]);
  if (filter.withGrant) add('exists (select 1 from access_grant g where g.identity_id = i.id and g.ended_at is null and g.name = ?)', filter.withGrant);
  return { where: parts.join(' and '), parameters };
}
