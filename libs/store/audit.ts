import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { AuditEventRow } from './entities/audit.ts';
import { PersonKeyRow } from './entities/people.ts';
import { toJsonRows } from './rows.ts';
import { run, send } from './statement.ts';
import type { Vault } from './vault.ts';

/** Who did it: a person or service by id, a source or provider by name, or Tenure itself. */
export interface Actor {
  readonly kind: 'person' | 'service' | 'source' | 'system';
  readonly id: string;
}

/** What an act is done under: who, and the id that ties together all that came of one request. */
export interface ActContext {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly now: Instant;
}

export interface AuditEntry {
  /** `identity.created`, `grant.ended`: subject and past tense. */
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly identityId: string | null;
  /** Rules, versions, records, requests: ids and names only, never personal data. */
  readonly reason: Readonly<Record<string, unknown>>;
  /** Personal values; stored encrypted with the person's key. Needs `identityId`. */
  readonly personal?: Readonly<Record<string, unknown>>;
}

export interface AuditEvent extends Omit<AuditEntry, 'personal'> {
  readonly id: string;
  readonly at: Instant;
  readonly actor: Actor;
  readonly correlationId: string;
  /** `null`: none was recorded, or the person has been erased. */
  readonly personal: Readonly<Record<string, unknown>> | null;
}

export interface Audit {
  /** Adds entries to this transaction; they are written together just before it commits, so that a chain is held briefly. */
  record(...entries: readonly AuditEntry[]): void;
  ofIdentity(identityId: string, limit: number): Promise<readonly AuditEvent[]>;
  /** The newest of each of these people, newest first. @param limit for each of them */
  latestOf(identityIds: readonly string[], limit: number): Promise<readonly AuditEvent[]>;
  /** Events of these actions about one person up to and at an instant, the oldest first. */
  until(identityId: string, actions: readonly string[], at: Instant): Promise<readonly AuditEvent[]>;
  page(filter: AuditFilter, limit: number, before: { at: Instant; id: string } | null): Promise<readonly AuditEvent[]>;
  /** Reads every chain from its beginning. Streams: memory does not grow with the audit. */
  verify(): Promise<{ readonly events: number; readonly problems: readonly string[] }>;
}

export interface AuditFilter {
  readonly identityId?: string;
  readonly subjectId?: string;
  readonly action?: string;
  readonly correlationId?: string;
}

interface Row {
  lane: number;
  sequence: number;
  id: string;
  at: string;
  actorKind: string;
  actorId: string;
  action: string;
  subjectKind: string;
  subjectId: string;
  identityId: string | null;
  reason: Readonly<Record<string, unknown>>;
  personal: string | null;
  correlationId: string;
  previousHash: string;
  hash: string;
}

/** @returns the audit of one transaction, and `flush`, which writes what was recorded at the end of a chain that nobody else holds */
export function createAudit(em: EntityManager, vault: Vault, context: ActContext): { audit: Audit; flush(): Promise<void> } {
  const entries: AuditEntry[] = [];
  const audit: Audit = {
    record: (...added) => {
      entries.push(...added);
    },

    ofIdentity: async (identityId, limit) =>
      opened(
        em,
        vault,
        (await em.find(AuditEventRow, { identityId }, { orderBy: { at: 'desc', sequence: 'desc' }, limit, disableIdentityMap: true })) as Row[],
      ),

    async latestOf(ids, limit) {
      if (ids.length === 0) return [];
      const rows = await em.execute<{ id: string }[]>(
        'select e.id from unnest(?::uuid[]) as person (id) cross join lateral (select id from audit_event where identity_id = person.id order by at desc, sequence desc limit ?) e',
        [`{${ids.join(',')}}`, limit],
      );
      return opened(
        em,
        vault,
        (await em.find(
          AuditEventRow,
          { id: { $in: rows.map(({ id }) => id) } },
          { orderBy: { at: 'desc', sequence: 'desc' }, disableIdentityMap: true },
        )) as Row[],
      );
    },

    until: async (identityId, actions, at) =>
      opened(
        em,
        vault,
        (await em.find(
          AuditEventRow,
          { identityId, action: { $in: [...actions] }, at: { $lte: at } },
          { orderBy: { at: 'asc', sequence: 'asc' }, disableIdentityMap: true },
        )) as Row[],
      ),

    async page(filter, limit, before) {
      const where = { ...filter, ...(before ? { $or: [{ at: { $lt: before.at } }, { at: before.at, id: { $lt: before.id } }] } : {}) };
      return opened(em, vault, (await em.find(AuditEventRow, where, { orderBy: { at: 'desc', id: 'desc' }, limit, disableIdentityMap: true })) as Row[]);
    },

    verify: () => verifyChains(em, vault),
  };
  return {
    audit,
    async flush() {
      if (entries.length === 0) return;
      const { lane, keys } = await takeLane(em, vault, entries);
      let { sequence, hash } = lane;
      const rows = entries.map((entry): Row => {
        sequence += 1;
        const key = entry.identityId === null ? undefined : keys.get(entry.identityId);
        const unhashed = {
          lane: lane.lane,
          sequence,
          id: randomUUID(),
          at: context.now,
          actorKind: context.actor.kind,
          actorId: context.actor.id,
          action: entry.action,
          subjectKind: entry.subjectKind,
          subjectId: entry.subjectId,
          identityId: entry.identityId,
          reason: entry.reason,
          personal: entry.personal && key ? vault.seal(key, JSON.stringify(entry.personal)) : null,
          correlationId: context.correlationId,
          previousHash: hash,
        };
        hash = vault.chain(canonical(unhashed));
        return { ...unhashed, hash };
      });
      await send(em, appendEvents, [toJsonRows(rows), sequence, hash, lane.lane]);
      entries.length = 0;
    },
  };
}

const readKeys = 'select identity_id, wrapped from person_key where identity_id = any($1::uuid[])';

const appendEvents = `with added as (
  insert into audit_event (lane, sequence, id, at, actor_kind, actor_id, action, subject_kind, subject_id, identity_id, reason, personal, correlation_id, previous_hash, hash)
  select * from jsonb_to_recordset($1::jsonb) r (lane int, sequence bigint, id uuid, at timestamptz, actor_kind text, actor_id text, action text, subject_kind text,
    subject_id text, identity_id uuid, reason jsonb, personal text, correlation_id text, previous_hash text, hash text))
update audit_lane set sequence = $2, hash = $3 where lane = $4`;

interface Lane {
  readonly lane: number;
  readonly sequence: number;
  readonly hash: string;
}

/** Any chain whose head is free, and the keys of people, which are made where there are none. */
const takeFree = `with
free as (select lane, sequence, hash from audit_lane order by random() limit 1 for update skip locked),
made as (insert into person_key (identity_id, wrapped) select * from unnest($1::uuid[], $2::text[]) on conflict do nothing returning identity_id, wrapped)
select (select to_json(free)::text from free) as lane,
  (select json_object_agg(identity_id, wrapped)::text from (select * from made union all select identity_id, wrapped from person_key where identity_id = any($1::uuid[])) k) as keys`;

/** Only when all chains are held does a writer wait for one. */
const waitForOne = 'select lane, sequence, hash from audit_lane where lane = 1 + floor(random() * $1)::int for update';
const lanes = 32;

async function takeLane(em: EntityManager, vault: Vault, entries: readonly AuditEntry[]): Promise<{ lane: Lane; keys: ReadonlyMap<string, string> }> {
  const ids = [...new Set(entries.flatMap((entry) => (entry.personal && entry.identityId ? [entry.identityId] : [])))];
  const [row] = await run<{ lane: string | null; keys: string | null }>(em, takeFree, [ids, ids.map(() => vault.newPersonKey())]);
  const free = row?.lane == null ? (await run<{ lane: number; sequence: string; hash: string }>(em, waitForOne, [lanes]))[0] : (JSON.parse(row.lane) as Lane);
  if (free === undefined) throw new Error('table audit_lane is empty: run the migrations');
  const keys = new Map(Object.entries(JSON.parse(row?.keys ?? '{}') as Readonly<Record<string, string>>));
  // Another transaction may have been first: its key counts.
  const unknown = ids.filter((id) => !keys.has(id));
  if (unknown.length > 0)
    for (const other of await run<{ identity_id: string; wrapped: string }>(em, readKeys, [unknown])) keys.set(other.identity_id, other.wrapped);
  return { lane: { ...free, sequence: Number(free.sequence) }, keys };
}

async function opened(em: EntityManager, vault: Vault, rows: readonly Row[]): Promise<AuditEvent[]> {
  const ids = [...new Set(rows.flatMap((row) => (row.personal && row.identityId ? [row.identityId] : [])))];
  const found = ids.length === 0 ? [] : await em.find(PersonKeyRow, { identityId: { $in: ids } }, { disableIdentityMap: true });
  const keys = new Map(found.map((row) => [row.identityId, row.wrapped]));
  return rows.map((row) => {
    const key = row.identityId === null ? undefined : keys.get(row.identityId);
    return {
      id: row.id,
      at: row.at,
      actor: { kind: row.actorKind as Actor['kind'], id: row.actorId },
      action: row.action,
      subjectKind: row.subjectKind,
      subjectId: row.subjectId,
      identityId: row.identityId,
      reason: row.reason,
      correlationId: row.correlationId,
      personal: row.personal && key ? (JSON.parse(vault.open(key, row.personal)) as Record<string, unknown>) : null,
    };
  });
}

async function verifyChains(em: EntityManager, vault: Vault): Promise<{ events: number; problems: string[] }> {
  const problems: string[] = [];
  let events = 0;
  const heads = await em.execute<{ lane: number; sequence: string; hash: string }[]>('select lane, sequence, hash from audit_lane order by lane');
  for (const head of heads) {
    let sequence = 0;
    let hash = '';
    for (;;) {
      const rows = (await em.find(
        AuditEventRow,
        { lane: head.lane, sequence: { $gt: sequence } },
        { orderBy: { sequence: 'asc' }, limit: 1000, disableIdentityMap: true },
      )) as Row[];
      if (rows.length === 0) break;
      for (const row of rows) {
        events += 1;
        const name = `event ${row.id} (chain ${row.lane}, number ${row.sequence})`;
        if (row.sequence !== sequence + 1)
          problems.push(`removed: chain ${row.lane}, number ${sequence + 1}${row.sequence > sequence + 2 ? ` to ${row.sequence - 1}` : ''}, before ${name}`);
        else if (row.previousHash !== hash) problems.push(`inserted or its predecessor changed: ${name} does not follow the one before it`);
        if (vault.chain(canonical(row)) !== row.hash) problems.push(`changed: ${name}`);
        sequence = row.sequence;
        hash = row.hash;
      }
    }
    if (sequence < Number(head.sequence)) problems.push(`removed: chain ${head.lane}, number ${sequence + 1} to ${head.sequence}, at its end`);
    else if (sequence > Number(head.sequence) || hash !== head.hash) problems.push(`inserted: chain ${head.lane}, after number ${head.sequence}`);
  }
  return { events, problems };
}

/** The same text for the same event, whatever order the database keeps the keys of a JSON value in. */
function canonical(row: Omit<Row, 'hash'>): string {
  const { lane, sequence, id, at, actorKind, actorId, action, subjectKind, subjectId, identityId, reason, personal, correlationId, previousHash } = row;
  return JSON.stringify([
    lane,
    sequence,
    id,
    at,
    actorKind,
    actorId,
    action,
    subjectKind,
    subjectId,
    identityId,
    sorted(reason),
    personal,
    correlationId,
    previousHash,
  ]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}
