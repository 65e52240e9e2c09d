import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuditAction, Instant, NewAuditContent } from '@tenure/domain';
import { type AuditHead, headMac, isAuthentic, type StoredHead } from './audit-heads.ts';
import { type AuditRow, hashOf } from './audit-row.ts';
import { AuditEventRow } from './entities.ts';
import { PersonKeyRow } from '../identities/entities.ts';
import { toJsonRows } from '../database/rows.ts';
import { run, send } from '../database/statement.ts';
import type { Vault } from './vault.ts';
import { type AuditProof, type AuditProofSettings, verifyAudit } from './verify-audit.ts';

/** Actor of an event: a person or service by id, a source or provider by name, or Tenure itself. */
export interface Actor {
  readonly kind: 'person' | 'service' | 'source' | 'system';
  readonly id: string;
}

/** Context of a change: its actor, and the correlation id of all effects of one request. */
export interface ActContext {
  readonly actor: Actor;
  readonly correlationId: string;
  readonly now: Instant;
}

/** An event to be recorded. Each action has its own type of reason. */
export type AuditEntry = NewAuditContent & {
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly identityId: string | null;
  /** Personal values, stored encrypted with the person's key. Requires `identityId`. */
  readonly personal?: Readonly<Record<string, unknown>>;
};

/** A stored event. `auditContent` and `reasonOf` return its reason with a type. */
export interface AuditEvent extends Pick<AuditEntry, 'subjectKind' | 'subjectId' | 'identityId'> {
  /** An `AuditAction`, or an unknown action that another version has written. */
  readonly action: string;
  /** Reason by rules, versions, records and requests: ids and names only, never personal data. */
  readonly reason: Readonly<Record<string, unknown>>;
  readonly id: string;
  readonly at: Instant;
  readonly actor: Actor;
  readonly correlationId: string;
  /** Position in the order of writing: within one instant a cause has a lower one than its effect. */
  readonly position: number;
  /** Personal values, decrypted; `null`: none were recorded, or the person has been erased. */
  readonly personal: Readonly<Record<string, unknown>> | null;
}

export interface Audit {
  /** Adds entries to this transaction; they are written together just before it commits, so that a chain is locked briefly. */
  record(...entries: readonly AuditEntry[]): void;
  /**
   * Locks a chain now, in one round trip with the statements sent beside it: for entries that are certain to follow, with personal values only
   * of these people, each of whom already has a key in the audit.
   */
  reserve(identityIds: readonly string[]): void;
  ofIdentity(identityId: string, limit: number): Promise<readonly AuditEvent[]>;
  /** The newest events of each of these people, the newest first. @param limit per person */
  latestOf(identityIds: readonly string[], limit: number): Promise<readonly AuditEvent[]>;
  /** Events of these actions about one person up to and at an instant, the oldest first. */
  until(identityId: string, actions: readonly string[], at: Instant): Promise<readonly AuditEvent[]>;
  /** Events of these actions about these subjects, in the order of writing, without their personal values (see `withPersonal`). */
  ofSubjects(subjectIds: readonly string[], actions: readonly AuditAction[]): Promise<readonly AuditEvent[]>;
  /** Events of these actions about these people at or after an instant, in the order of writing, without their personal values. */
  since(identityIds: readonly string[], actions: readonly AuditAction[], at: Instant): Promise<readonly AuditEvent[]>;
  /** Events by id, with their personal values, in no order. */
  withPersonal(ids: readonly string[]): Promise<readonly AuditEvent[]>;
  /** A page of events, the newest first, and of one instant the effect before its cause. @param before last event of the previous page */
  page(filter: AuditFilter, limit: number, before: Pick<AuditEvent, 'at' | 'position'> | null): Promise<readonly AuditEvent[]>;
  count(filter: AuditFilter): Promise<number>;
  /** Verifies the audit, as far as its keyed hashes, the authenticated ends of the chains and the given anchors cover it. */
  verify(settings?: AuditProofSettings): Promise<AuditProof>;
}

export interface AuditFilter {
  readonly identityId?: string;
  /** Events about any of these people. */
  readonly identityIds?: readonly string[];
  readonly subjectId?: string;
  readonly action?: string;
  readonly correlationId?: string;
  readonly actorKind?: Actor['kind'];
  readonly actorId?: string;
  /** Earliest instant, inclusive. */
  readonly from?: Instant;
  /** Latest instant, exclusive. */
  readonly until?: Instant;
}

/** Place of an event in the audit: the event exists there if, and only if, its transaction has committed. */
export interface AuditPlace {
  readonly lane: number;
  readonly id: string;
}

/** @returns the audit of one transaction, and `flush`, which appends the entries to a chain that nobody else has locked, and returns their place */
export function createAudit(em: EntityManager, vault: Vault, context: ActContext): { audit: Audit; flush(): Promise<AuditPlace | null> } {
  const entries: AuditEntry[] = [];
  let reserved: Promise<TakenLane> | null = null;
  const audit: Audit = {
    record: (...added) => {
      entries.push(...added);
    },
    reserve(ids) {
      reserved ??= takeLane(em, vault, ids, []);
      // `flush` throws the failure; without a flush the transaction fails by itself.
      reserved.catch(() => undefined);
    },

    ofIdentity: async (identityId, limit) =>
      opened(
        em,
        vault,
        (await em.find(AuditEventRow, { identityId }, { orderBy: { at: 'desc', position: 'desc' }, limit, disableIdentityMap: true })) as StoredRow[],
      ),

    async latestOf(ids, limit) {
      if (ids.length === 0) return [];
      const rows = await em.execute<{ id: string }[]>(
        'select e.id from unnest(?::uuid[]) as person (id) cross join lateral (select id from audit_event where identity_id = person.id order by at desc, position desc limit ?) e',
        [`{${ids.join(',')}}`, limit],
      );
      return opened(
        em,
        vault,
        (await em.find(
          AuditEventRow,
          { id: { $in: rows.map(({ id }) => id) } },
          { orderBy: { at: 'desc', position: 'desc' }, disableIdentityMap: true },
        )) as StoredRow[],
      );
    },

    until: async (identityId, actions, at) =>
      opened(
        em,
        vault,
        (await em.find(
          AuditEventRow,
          { identityId, action: { $in: [...actions] }, at: { $lte: at } },
          { orderBy: { at: 'asc', position: 'asc' }, disableIdentityMap: true },
        )) as StoredRow[],
      ),

    ofSubjects: async (subjectIds, actions) => unopened(em, { subjectId: { $in: [...subjectIds] }, action: { $in: [...actions] } }),

    since: async (ids, actions, at) => unopened(em, { identityId: { $in: [...ids] }, action: { $in: [...actions] }, at: { $gte: at } }),

    withPersonal: async (ids) => opened(em, vault, (await em.find(AuditEventRow, { id: { $in: [...ids] } }, { disableIdentityMap: true })) as StoredRow[]),

    async page(filter, limit, before) {
      const older = before === null ? [] : [{ $or: [{ at: { $lt: before.at } }, { at: before.at, position: { $lt: before.position } }] }];
      const rows = await em.find(
        AuditEventRow,
        { $and: [conditionOf(filter), ...older] },
        { orderBy: { at: 'desc', position: 'desc' }, limit, disableIdentityMap: true },
      );
      return opened(em, vault, rows as StoredRow[]);
    },

    count: (filter) => em.count(AuditEventRow, conditionOf(filter)),

    verify: (settings) => verifyAudit(em, vault, settings),
  };
  return {
    audit,
    async flush() {
      if (entries.length === 0) return null;
      const ids = [...new Set(entries.flatMap((entry) => (entry.personal && entry.identityId ? [entry.identityId] : [])))];
      const held = await reserved;
      const isEnough = held !== null && ids.every((id) => held.keys.has(id));
      const { lane, keys } = isEnough ? held : await takeLane(em, vault, ids, ids);
      reserved = null;
      let { sequence, hash } = lane;
      const rows = entries.map((entry): AuditRow => {
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
          reason: { ...entry.reason },
          personal: entry.personal && key ? vault.seal(key, JSON.stringify(entry.personal)) : null,
          correlationId: context.correlationId,
          previousHash: hash,
        };
        hash = hashOf(vault, unhashed);
        return { ...unhashed, hash };
      });
      await send(em, appendEvents, [toJsonRows(rows), sequence, hash, lane.lane, headMac(vault, { lane: lane.lane, sequence, hash })]);
      entries.length = 0;
      const [first] = rows;
      return first === undefined ? null : { lane: first.lane, id: first.id };
    },
  };
}

/**
 * Checks whether an event was committed. Its transaction locks the end of its chain until it is over, even on a connection that we have lost:
 * once we can lock that end, the outcome is visible.
 */
export async function isCommitted(em: EntityManager, { lane, id }: AuditPlace): Promise<boolean> {
  await run(em, 'select 1 from audit_lane where lane = $1 for update', [lane]);
  const [row] = await run<{ is_there: boolean }>(em, 'select exists (select from audit_event where id = $1) as is_there', [id]);
  return row?.is_there === true;
}

const readKeys = 'select identity_id, wrapped from person_key where identity_id = any($1::uuid[])';

const appendEvents = `with added as (
  insert into audit_event (lane, sequence, id, at, actor_kind, actor_id, action, subject_kind, subject_id, identity_id, reason, personal, correlation_id, previous_hash, hash)
  select * from jsonb_to_recordset($1::jsonb) r (lane int, sequence bigint, id uuid, at timestamptz, actor_kind text, actor_id text, action text, subject_kind text,
    subject_id text, identity_id uuid, reason jsonb, personal text, correlation_id text, previous_hash text, hash text) order by r.sequence)
update audit_lane set sequence = $2, hash = $3, mac = $5 where lane = $4`;

/**
 * Statement that locks any chain whose end is free and reads people's keys, new ones included. Lists are JSON, since with arrays the server
 * plans it again each time; each person's key is looked up separately, since for a list of unknown length the server would read all keys.
 */
const takeFree = `with
free as (select lane, sequence, hash, mac from audit_lane where lane not in (select value::int from jsonb_array_elements_text($3::jsonb)) order by random() limit 1
  for update skip locked),
made as (insert into person_key (identity_id, wrapped) select * from jsonb_to_recordset($2::jsonb) k (identity_id uuid, wrapped text)
  on conflict do nothing returning identity_id, wrapped)
select (select to_json(free)::text from free) as lane,
  (select json_object_agg(id, wrapped)::text from (select identity_id::text as id, wrapped from made
    union all select id, (select wrapped from person_key where identity_id = id::uuid) from jsonb_array_elements_text($1::jsonb) id) k
    where wrapped is not null) as keys`;

/** Statement that waits for a chain, used only when all chains are locked. */
const waitForOne = 'select lane, sequence, hash, mac from audit_lane where lane <> all($1::int[]) order by random() limit 1 for update';

/** The end of a chain, locked until the transaction ends, and people's keys. */
interface TakenLane {
  readonly lane: AuditHead;
  readonly keys: ReadonlyMap<string, string>;
}

/**
 * Locks a chain to write to. A chain whose end is not authentic is left as it is: continuing it would make the events of an attacker, who has
 * the database but not the key, look like Tenure's own.
 * @param ids people whose keys are read
 * @param making those of them who get a key if they have none
 */
async function takeLane(em: EntityManager, vault: Vault, ids: readonly string[], making: readonly string[]): Promise<TakenLane> {
  const refused: number[] = [];
  for (;;) {
    const made = toJsonRows(making.map((identityId) => ({ identityId, wrapped: vault.newPersonKey() })));
    const [row] = await run<{ lane: string | null; keys: string | null }>(em, takeFree, [JSON.stringify(ids), made, JSON.stringify(refused)]);
    const found = row?.lane == null ? (await run<StoredHead>(em, waitForOne, [refused]))[0] : (JSON.parse(row.lane) as StoredHead);
    if (found === undefined) throw new Error('no chain of the audit ends as Tenure has left it: npm run audit:verify says what was changed');
    const head = { ...found, sequence: Number(found.sequence) };
    if (!isAuthentic(vault, head)) {
      refused.push(head.lane);
      continue;
    }
    const keys = new Map(Object.entries(JSON.parse(row?.keys ?? '{}') as Readonly<Record<string, string>>));
    // A concurrent transaction may have created the key: its key counts.
    const unknown = making.filter((id) => !keys.has(id));
    if (unknown.length > 0)
      for (const other of await run<{ identity_id: string; wrapped: string }>(em, readKeys, [unknown])) keys.set(other.identity_id, other.wrapped);
    return { lane: head, keys };
  }
}

type StoredRow = AuditRow & Pick<AuditEvent, 'position'>;

function conditionOf({ from, until, identityIds, ...equal }: AuditFilter) {
  const between = { ...(from === undefined ? {} : { $gte: from }), ...(until === undefined ? {} : { $lt: until }) };
  const ofAny = identityIds === undefined ? {} : { identityId: { $in: [...identityIds] } };
  return { ...equal, ...ofAny, ...(Object.keys(between).length === 0 ? {} : { at: between }) };
}

/** Events without their personal values, which stay encrypted. */
async function unopened(em: EntityManager, where: object): Promise<AuditEvent[]> {
  const rows = await em.find(AuditEventRow, where, { orderBy: { position: 'asc' }, disableIdentityMap: true });
  return (rows as StoredRow[]).map((row) => eventOf(row, null));
}

async function opened(em: EntityManager, vault: Vault, rows: readonly StoredRow[]): Promise<AuditEvent[]> {
  const ids = [...new Set(rows.flatMap((row) => (row.personal && row.identityId ? [row.identityId] : [])))];
  const found = ids.length === 0 ? [] : await em.find(PersonKeyRow, { identityId: { $in: ids } }, { disableIdentityMap: true });
  const keys = new Map(found.map((row) => [row.identityId, row.wrapped]));
  return rows.map((row) => {
    const key = row.identityId === null ? undefined : keys.get(row.identityId);
    return eventOf(row, row.personal && key ? (JSON.parse(vault.open(key, row.personal)) as Record<string, unknown>) : null);
  });
}

function eventOf(row: StoredRow, personal: AuditEvent['personal']): AuditEvent {
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
    position: row.position,
    personal,
  };
}
