import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, SourceRecord } from '@tenure/domain';
import type { NewAttempt, StoredGrant } from '../access/access.ts';
import type { ApplicationSession } from '../applications/application-sessions.ts';
import { type StoredIdentity, type StoredRecord, searchText } from './identities.ts';
import type { StoredSuspension } from '../suspensions/suspensions.ts';
import type { RequestItem } from '../requests/requests.ts';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';
import type { StoredSeparationException } from '../separation/separation-exceptions.ts';
import type { Sponsorship } from './sponsorships.ts';
import type { StoredOperation } from '../access/stored-operation.ts';
import type { StoredAccount } from '../access/stored-account.ts';

/** Data of one person that a decision is based on. */
export interface Person {
  readonly identity: StoredIdentity;
  readonly records: readonly StoredRecord[];
  /** Grants that have not ended. */
  readonly grants: readonly StoredGrant[];
  readonly accounts: readonly StoredAccount[];
  /** Pending, failed and abandoned operations, in order. */
  readonly operations: readonly StoredOperation[];
  /** Items of requests that are approved and in force, and those that ended with the person's last relationship and are restored with it. */
  readonly requested: readonly RequestItem[];
  /** SoD exceptions, expired or not; also those that ended with the person's last relationship and are restored with it. */
  readonly exceptions: readonly StoredSeparationException[];
  /** Open suspensions of the person, of their operations, and of all targets. */
  readonly suspensions: readonly StoredSuspension[];
  /** Sponsor of the person, as last determined; `null`: none is named. */
  readonly sponsorship: Sponsorship | null;
  /** Sessions at applications that have not been ended; they may have expired. */
  readonly applicationSessions: readonly Pick<ApplicationSession, 'id' | 'application' | 'subject' | 'claimsDigest' | 'outdatedAt' | 'expiresAt'>[];
}

/** Changes of decisions about any number of people: one statement per kind, sent together. */
export interface PeopleChanges {
  readonly identities: readonly StoredIdentity[];
  readonly newGrants: readonly StoredGrant[];
  readonly changedGrants: readonly StoredGrant[];
  readonly accounts: readonly StoredAccount[];
  readonly newOperations: readonly StoredOperation[];
  readonly changedOperations: readonly StoredOperation[];
  /** Attempts at operations. Failures of one operation with the same error are stored as one row. */
  readonly attempts: readonly NewAttempt[];
  /** Items of requests that have ended, or are in force again. */
  readonly changedItems: readonly Pick<RequestItem, 'id' | 'status' | 'reason' | 'endedAt' | 'endedWith'>[];
  /** People whose sessions end, with the reason. */
  readonly sessionsOf: readonly { readonly identityId: string; readonly reason: string }[];
}

/** An account, as far as its desired state depends on it. */
export interface AccountInUse {
  readonly target: string;
  readonly everExisted: boolean;
  readonly everEnabled: boolean;
}

/** The facts that a decision depends on, and no more, since they are read of everybody. Each field as in `Person`. */
export interface PersonToAsk extends Pick<Person, 'requested' | 'exceptions' | 'suspensions' | 'sponsorship'> {
  readonly identity: Pick<
    StoredIdentity,
    'id' | 'userName' | 'userType' | 'createdAt' | 'state' | 'activations' | 'endings' | 'idleSince' | 'relationships' | 'decidedAt'
  >;
  readonly records: readonly SourceRecord[];
  readonly grants: readonly Pick<StoredGrant, 'name'>[];
  readonly accounts: readonly Pick<StoredAccount, 'id' | 'target' | 'desired' | 'observed' | 'observedAt'>[];
  readonly operations: readonly Pick<StoredOperation, 'id' | 'accountId' | 'status' | 'change'>[];
}

/** Selection of the accounts that a decision depends on, so that no others are read of everybody. */
export interface AccountsThatMatter {
  /** Native names of entitlements: accounts that have one of them are read. */
  readonly entitlements: readonly string[];
  /** Targets of which every account is read. */
  readonly targets: readonly string[];
}

export interface People {
  /** Reads these people and locks them until the transaction ends, to serialize decisions about them. By id; unknown ids are left out. */
  lock(ids: readonly string[]): Promise<readonly Person[]>;
  /** Reads these people without a lock. In the order of ids; unknown ones are left out. */
  read(ids: readonly string[]): Promise<readonly Person[]>;
  /** A page of people after one id, in the order of ids, for queries about everybody, with the selected accounts and their data. */
  page(after: string | null, limit: number, matter: AccountsThatMatter): Promise<readonly PersonToAsk[]>;
  /** Accounts of these people, as far as their desired states depend on them; by identity. */
  accounts(ids: readonly string[]): Promise<ReadonlyMap<string, readonly AccountInUse[]>>;
  /** Stores changes. @param changes kinds that are left out do not change @returns number of ended sessions, by identity */
  save(changes: Partial<PeopleChanges>, now: Instant): Promise<ReadonlyMap<string, number>>;
}

export function createPeople(em: EntityManager): People {
  async function readThem(wanted: string): Promise<readonly Person[]> {
    const rows = await run<{ person: string | PersonRow }>(em, readPeople, [wanted]);
    return rows.map(({ person }) => toPerson(typeof person === 'string' ? (JSON.parse(person) as PersonRow) : person));
  }

  return {
    async lock(ids) {
      // A statement sees data committed before it began: so the changes of a concurrent decision are read by a second statement, after the lock.
      const wanted = JSON.stringify([...new Set(ids)]);
      await send(em, lockPeople, [wanted]);
      return readThem(wanted);
    },
    read: (ids) => readThem(JSON.stringify([...new Set(ids)])),
    async page(after, limit, matter) {
      const from = after ?? '00000000-0000-0000-0000-000000000000';
      const identities = await rowsOf<PersonToAsk['identity']>(em, readIdentities, [from, limit]);
      const last = identities.at(-1);
      if (last === undefined) return [];
      const [records, requested, exceptions, sponsorships, accounts] = await Promise.all([
        rowsOf<SourceRecord & { identityId: string }>(em, readRecords, [from, last.id]),
        rowsOf<RequestItem>(em, readRequested, [from, last.id]),
        rowsOf<StoredSeparationException>(em, readExceptions, [from, last.id]),
        rowsOf<Sponsorship>(em, readSponsorships, [from, last.id]),
        matter.entitlements.length + matter.targets.length === 0
          ? []
          : rowsOf<PersonToAsk['accounts'][number] & { identityId: string }>(em, readAccounts, [from, last.id, matter.entitlements, matter.targets]),
      ]);
      // Reads data of accounts only for owners of a selected account.
      const owners = [...new Set(accounts.map(byIdentity))];
      const [grants, operations, suspensions] = await Promise.all([
        owners.length === 0 ? [] : rowsOf<Pick<StoredGrant, 'identityId' | 'name'>>(em, readGrantNames, [owners]),
        owners.length === 0 ? [] : rowsOf<StoredOperation>(em, readTakings, [accounts.map(({ id }) => id)]),
        owners.length === 0 ? [] : rowsOf<StoredSuspension>(em, readSuspensions, [owners]),
      ]);
      const ofTargets = suspensions.filter(({ target }) => target !== null);
      const sponsorshipOf = new Map(sponsorships.map((one) => [one.identityId, one]));
      const [recordsOf, requestedOf, exceptionsOf, accountsOf, grantsOf, operationsOf, suspensionsOf] = [
        Map.groupBy(records, byIdentity),
        Map.groupBy(requested, byIdentity),
        Map.groupBy(exceptions, byIdentity),
        Map.groupBy(accounts, byIdentity),
        Map.groupBy(grants, byIdentity),
        Map.groupBy(operations, byIdentity),
        Map.groupBy(
          suspensions.filter(({ target }) => target === null),
          ({ identityId }) => identityId,
        ),
      ];
      return identities.map((identity) => ({
        identity,
        records: recordsOf.get(identity.id) ?? [],
        requested: requestedOf.get(identity.id) ?? [],
        exceptions: exceptionsOf.get(identity.id) ?? [],
        sponsorship: sponsorshipOf.get(identity.id) ?? null,
        accounts: accountsOf.get(identity.id) ?? [],
        grants: grantsOf.get(identity.id) ?? [],
        operations: operationsOf.get(identity.id) ?? [],
        suspensions: [...(suspensionsOf.get(identity.id) ?? []), ...ofTargets],
      }));
    },
    async accounts(ids) {
      const rows = await run<{ identity_id: string; target: string; existed: boolean; ever_enabled: boolean }>(
        em,
        'select identity_id, target, existed, ever_enabled from account where identity_id = any($1::uuid[]) order by target',
        [ids],
      );
      const accounts = rows.map((row) => ({ id: row.identity_id, target: row.target, everExisted: row.existed, everEnabled: row.ever_enabled }));
      return Map.groupBy(accounts, ({ id }) => id);
    },
    async save(changes, now) {
      const { identities = [], newOperations = [], sessionsOf = [] } = changes;
      const all: readonly (readonly [string, readonly object[]])[] = [
        [changeIdentities, identities.map((identity) => ({ ...identity, searchText: searchText(identity) }))],
        [addGrants, changes.newGrants ?? []],
        [changeGrants, changes.changedGrants ?? []],
        [saveAccounts, changes.accounts ?? []],
        [addOperations, newOperations.map((operation) => ({ ...operation, kind: operation.change.kind }))],
        [changeOperations, changes.changedOperations ?? []],
        [addAttempts, changes.attempts ?? []],
        [changeItems, changes.changedItems ?? []],
      ];
      for (const [text, rows] of all) if (rows.length > 0) await send(em, text, [toJsonRows(rows)]);
      return endSessionsOf(em, sessionsOf, now);
    },
  };
}

type JsonRow = Readonly<Record<string, unknown>>;
interface PersonRow {
  readonly identity: JsonRow;
  readonly records: readonly JsonRow[];
  readonly grants: readonly JsonRow[];
  readonly accounts: readonly JsonRow[];
  readonly operations: readonly JsonRow[];
  readonly requested: readonly JsonRow[];
  readonly exceptions: readonly JsonRow[];
  readonly suspensions: readonly JsonRow[];
  readonly sponsorship: JsonRow | null;
  readonly application_sessions: readonly JsonRow[];
}

function toPerson(row: PersonRow): Person {
  const { identity, records, grants, accounts, operations, requested, exceptions, suspensions, sponsorship, application_sessions: sessions } = row;
  const { search_text: _searchText, ...rest } = identity;
  return {
    identity: fromJsonRow(rest),
    records: records.map((row) => fromJsonRow(row)),
    grants: grants.map((row) => fromJsonRow(row)),
    accounts: accounts.map(({ lease_by: _by, lease_until: _until, ...row }) => fromJsonRow(row)),
    operations: operations.map(({ kind: _kind, ...row }) => fromJsonRow(row)),
    requested: requested.map((row) => fromJsonRow(row)),
    exceptions: exceptions.map((row) => fromJsonRow(row)),
    suspensions: suspensions.map(({ is_told: _told, ...row }) => fromJsonRow(row)),
    sponsorship: sponsorship === null ? null : fromJsonRow(sponsorship),
    applicationSessions: sessions.map((session) => fromJsonRow(session)),
  };
}

const all = (from: string): string => `(select coalesce(json_agg(x), '[]') from (select * from ${from}) x)`;

/** Rows that a decision about a person reads besides the identity: table, condition and order. */
const inputs = {
  records: { from: 'source_record', where: (id: string) => `identity_id = ${id}`, order: '' },
  grants: { from: 'access_grant', where: (id: string) => `identity_id = ${id} and ended_at is null`, order: 'order by name' },
  accounts: { from: 'account', where: (id: string) => `identity_id = ${id}`, order: 'order by target' },
  operations: {
    from: 'operation',
    where: (id: string) => `identity_id = ${id} and status in ('pending', 'failed', 'given-up')`,
    order: 'order by created_at, position',
  },
  requested: { from: 'request_item', where: (id: string) => `identity_id = ${id} and (status = 'approved' or ended_with is not null)`, order: 'order by id' },
  exceptions: {
    from: 'separation_exception',
    where: (id: string) => `identity_id = ${id} and (revoked_at is null or ended_with is not null)`,
    order: 'order by id',
  },
  suspensions: { from: 'hold', where: (id: string) => `ended_at is null and (identity_id = ${id} or target is not null)`, order: '' },
  sponsorship: { from: 'sponsorship', where: (id: string) => `identity_id = ${id}`, order: '' },
} as const;

/**
 * Expression for a digest of the versions of all these rows: it changes as soon as one of them is written, added or deleted. It uses the
 * transaction that wrote each row (`xmin`), so that no column can be forgotten and no content is read.
 * @param record the login's own record, which is compared separately
 */
export function inputVersions(identity: string, record: string): string {
  const each = Object.values(inputs).map(({ from, where }) => {
    const isOwn = from === 'source_record' ? ` and id <> ${record}` : '';
    return `select '${from} ' || ctid::text || ' ' || xmin::text as version from ${from} where ${where(identity)}${isOwn}`;
  });
  return `(select md5(coalesce(string_agg(version, ',' order by version), '')) from (${each.join(' union all ')}) x)`;
}

// One lookup per row, so that one plan serves one person and many; in the order of ids, to avoid deadlocks.
const lockPeople = `select i.id from (select k.id::uuid as id from jsonb_array_elements_text($1::jsonb) k (id) order by 1) k
  cross join lateral (select id from identity where id = k.id for no key update) i`;

const listed = Object.entries(inputs).filter(([name]) => name !== 'sponsorship');
const readPeople = `select json_build_object('identity', i,
  ${listed.map(([name, { from, where, order }]) => `'${name}', ${all(`${from} where ${where('i.id')} ${order}`)}`).join(',\n  ')},
  'sponsorship', (select to_json(s) from sponsorship s where ${inputs.sponsorship.where('i.id')}),
  'application_sessions', (select coalesce(json_agg(x), '[]') from (
    select c.id, a.application, a.subject, a.claims_digest, a.outdated_at, c.expires_at from credential c join application_session a on a.id = c.id
    where c.identity_id = i.id and c.ended_at is null and c.kind = 'application-session' order by c.id) x)) as person
  from jsonb_array_elements_text($1::jsonb) k (id) cross join lateral (select * from identity where id = k.id::uuid limit 1) i order by i.id`;

/** Rows of a statement, read as one JSON text: parsing it costs a fraction of single rows. */
async function rowsOf<T>(em: EntityManager, text: string, values: readonly unknown[]): Promise<T[]> {
  const [row] = await run<{ page: string | null }>(em, `select json_agg(x)::text as page from (${text}) x`, values);
  return (JSON.parse(row?.page ?? '[]') as JsonRow[]).map((found) => fromJsonRow<T>(found));
}

function byIdentity({ identityId }: { readonly identityId: string }): string {
  return identityId;
}

const readIdentities = `select id, user_name, user_type, created_at, state, activations, endings, idle_since, relationships, decided_at from identity where id > $1::uuid order by id limit $2`;
const readRecords = `select id, identity_id, source, external_id, facts, groups, status, ended_at, ended_on, user_type, extends, recorded_at, withdrawn_at
  from source_record where identity_id > $1::uuid and identity_id <= $2::uuid`;
const readRequested = `select * from request_item where identity_id > $1::uuid and identity_id <= $2::uuid and (status = 'approved' or ended_with is not null) order by id`;
const readSponsorships = `select * from sponsorship where identity_id > $1::uuid and identity_id <= $2::uuid`;
const readExceptions = `select * from separation_exception where identity_id > $1::uuid and identity_id <= $2::uuid and (revoked_at is null or ended_with is not null) order by id`;
const readAccounts = `select id, identity_id, target, desired, observed, observed_at from account where identity_id > $1::uuid and identity_id <= $2::uuid
  and (target = any($4::text[]) or (observed->>'enabled' is distinct from 'false' and observed->'entitlements' ?| $3::text[])) order by target`;
const readGrantNames = 'select identity_id, name from access_grant where identity_id = any($1::uuid[]) and ended_at is null';
const readTakings = `select id, identity_id, account_id, status, change from operation where account_id = any($1::uuid[]) and status = 'pending' and kind = 'removeMember'`;
const readSuspensions = 'select * from hold where ended_at is null and (identity_id = any($1::uuid[]) or target is not null)';

// The server estimates a hundred rows for JSON, and would read all of a small table for them; the limit gives it the number.
const asMany = 'limit jsonb_array_length($1::jsonb)';

const changeIdentities = `update identity t set user_type = r.user_type, attributes = r.attributes, groups = r.groups, relationships = r.relationships, time_zone = r.time_zone, endings = r.endings, questions = r.questions, search_text = r.search_text, state = r.state,
    lifecycle = r.lifecycle, activations = r.activations, policy_version = r.policy_version, next_wake_up = r.next_wake_up, decided_at = r.decided_at, revision = r.revision,
    idle_since = r.idle_since, last_activity_at = r.last_activity_at, reported_activity = r.reported_activity
  from (select * from jsonb_to_recordset($1::jsonb) r (id uuid, user_type text, attributes jsonb, groups jsonb, relationships jsonb, time_zone text, endings jsonb, questions jsonb, search_text text, state text, lifecycle jsonb,
    activations jsonb, policy_version int, next_wake_up timestamptz, decided_at timestamptz, revision int, idle_since timestamptz, last_activity_at timestamptz, reported_activity jsonb) ${asMany}) r where t.id = r.id`;

const addGrants = `insert into access_grant (id, identity_id, kind, name, origins, valid_from, valid_until, granted_at, ended_at, end_reason)
  select * from jsonb_to_recordset($1::jsonb) r (id uuid, identity_id uuid, kind text, name text, origins jsonb, valid_from timestamptz, valid_until timestamptz,
    granted_at timestamptz, ended_at timestamptz, end_reason text)`;

const changeGrants = `update access_grant t set origins = r.origins, valid_from = r.valid_from, valid_until = r.valid_until, ended_at = r.ended_at, end_reason = r.end_reason
  from (select * from jsonb_to_recordset($1::jsonb) r (id uuid, origins jsonb, valid_from timestamptz, valid_until timestamptz, ended_at timestamptz, end_reason text) ${asMany}) r where t.id = r.id`;

const saveAccounts = `insert into account (id, identity_id, target, user_name, native_id, desired, observed, observed_at, confirmed_at, existed, ever_enabled, desired_since, not_visible_at, drifted_at, protected_at, accepted)
  select * from jsonb_to_recordset($1::jsonb) r (id uuid, identity_id uuid, target text, user_name text, native_id text, desired jsonb, observed jsonb,
    observed_at timestamptz, confirmed_at timestamptz, existed boolean, ever_enabled boolean, desired_since timestamptz, not_visible_at timestamptz, drifted_at timestamptz,
    protected_at timestamptz, accepted jsonb)
  on conflict (identity_id, target) do update set user_name = excluded.user_name, native_id = excluded.native_id, desired = excluded.desired,
    observed = excluded.observed, observed_at = excluded.observed_at, confirmed_at = excluded.confirmed_at, existed = excluded.existed, ever_enabled = excluded.ever_enabled, desired_since = excluded.desired_since,
    not_visible_at = excluded.not_visible_at, drifted_at = excluded.drifted_at, protected_at = excluded.protected_at, accepted = excluded.accepted`;

const addOperations = `insert into operation (id, identity_id, account_id, target, kind, change, status, attempts, last_error, reason, correlation_id, position, created_at, finished_at)
  select * from jsonb_to_recordset($1::jsonb) r (id uuid, identity_id uuid, account_id uuid, target text, kind text, change jsonb, status text, attempts int,
    last_error jsonb, reason jsonb, correlation_id text, position int, created_at timestamptz, finished_at timestamptz)`;

const changeOperations = `update operation t set change = r.change, status = r.status, attempts = r.attempts, last_error = r.last_error, finished_at = r.finished_at
  from (select * from jsonb_to_recordset($1::jsonb) r (id uuid, change jsonb, status text, attempts int, last_error jsonb, finished_at timestamptz) ${asMany}) r where t.id = r.id`;

/** Maximum number of rows for the attempts at one operation: after that, a different failure replaces code and message of the last row. */
const mostAttemptRows = 20;

// The people are locked, so nobody else adds attempts at their operations.
const addAttempts = `with r as materialized (
    select * from jsonb_to_recordset($1::jsonb) r (id uuid, operation_id uuid, at timestamptz, outcome text, code text, message text)),
  alike as (
    select distinct on (r.id) r.id as new_id, a.id, r.at, r.code, r.message from r cross join lateral (
      select a.id, a.code is not distinct from r.code and a.message is not distinct from r.message as is_same, coalesce(a.last_at, a.at) as last,
        count(*) over () as rows
      from operation_attempt a where a.operation_id = r.operation_id and a.outcome = 'failed') a
    where r.outcome = 'failed' and (a.is_same or a.rows >= ${mostAttemptRows})
    order by r.id, a.is_same desc, a.last desc),
  folded as (
    update operation_attempt a set count = a.count + 1, last_at = f.at, code = f.code, message = f.message
    from alike f where a.id = f.id)
  insert into operation_attempt (id, operation_id, at, outcome, code, message)
  select id, operation_id, at, outcome, code, message from r where id not in (select new_id from alike)`;

const changeItems = `update request_item t set status = r.status, reason = r.reason, ended_at = r.ended_at, ended_with = r.ended_with
  from (select * from jsonb_to_recordset($1::jsonb) r (id uuid, status text, reason text, ended_at timestamptz, ended_with jsonb) ${asMany}) r
  where t.id = r.id and (t.status = 'approved' or t.ended_with is not null)`;

/**
 * Ends all sessions of people. Again until none is left: one that was being opened below another has kept that one from ending until it was stored, and
 * is seen by the next statement only.
 * @returns number of sessions of Tenure that ended, by person
 */
async function endSessionsOf(em: EntityManager, people: PeopleChanges['sessionsOf'], now: Instant): Promise<ReadonlyMap<string, number>> {
  const all = new Map<string, number>();
  for (let left = people; left.length > 0; ) {
    const rows = await run<{ identity_id: string; ended: string }>(em, endSessions, [toJsonRows(left), now]);
    for (const row of rows) all.set(row.identity_id, (all.get(row.identity_id) ?? 0) + Number(row.ended));
    left = left.filter(({ identityId }) => rows.some((row) => row.identity_id === identityId));
  }
  return new Map([...all].filter(([, count]) => count > 0));
}

// Ends all credentials by which a person logs in, further kinds included, but no service tokens: those are revoked separately.
const endSessions = `with ended as (
  update credential t set ended_at = $2, ended_reason = r.reason from jsonb_to_recordset($1::jsonb) r (identity_id uuid, reason text)
  where t.identity_id = r.identity_id and t.kind <> 'service-token' and t.ended_at is null returning t.identity_id, t.kind)
select identity_id, count(*) filter (where kind = 'session') as ended from ended group by identity_id`;
