import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** Kind of a credential. */
export type CredentialKind = 'source-session' | 'session' | 'application-session' | 'refresh-token' | 'service-token';

/** A credential that gives its bearer access to Tenure, or the parent of such a credential: a node of the tree of credentials. */
export interface Credential {
  readonly id: string;
  readonly kind: CredentialKind;
  /** Credential with which it was created: it expires no later than that, and ends with it. `null`: created by a person, or by the machine itself. */
  readonly parentId: string | null;
  /** Person whose rights limit the credential; `null`: no person created it. */
  readonly identityId: string | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** Seconds without a use after which it expires; `null`: no idle timeout. */
  readonly idleSeconds: number | null;
  /** Last use, to the minute. */
  readonly lastUsedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endedReason: string | null;
}

/** A credential to be created. */
export interface NewCredential extends Pick<Credential, 'id' | 'kind' | 'parentId' | 'identityId' | 'createdAt' | 'expiresAt' | 'idleSeconds' | 'lastUsedAt'> {
  /** SHA-256 of the token; `null`: it has none. */
  readonly tokenHash: string | null;
}

/** A credential that was ended. For service tokens with their name and roles. */
export interface EndedCredential extends Pick<Credential, 'id' | 'kind' | 'parentId' | 'identityId' | 'expiresAt'> {
  readonly name: string | null;
  readonly roles: readonly string[] | null;
}

/** Milliseconds between two records of a use: most of many requests write nothing. */
const usesNotedEvery = 60_000;

/** Columns of a credential, as `fromJsonRow` reads them. */
export const credentialColumns =
  'c.id, c.kind, c.parent_id, c.identity_id, c.created_at, c.expires_at, c.idle_seconds, c.last_used_at, c.ended_at, c.ended_reason';

/** Condition that a credential is valid at the instant of a parameter: neither ended nor expired, also not by its idle timeout. */
export const isLiving = (now: string): string =>
  `c.ended_at is null and c.expires_at > ${now}::timestamptz
     and (c.idle_seconds is null or coalesce(c.last_used_at, c.created_at) + c.idle_seconds * interval '1 second' > ${now}::timestamptz)`;

/** Statement that inserts credentials; its parameter is their rows as JSON. */
export const insertCredentials = (
  parameter: string,
): string => `insert into credential (id, kind, parent_id, identity_id, token_hash, created_at, expires_at, idle_seconds, last_used_at)
  select * from jsonb_to_recordset(${parameter}::jsonb) r (id uuid, kind text, parent_id uuid, identity_id uuid, token_hash text, created_at timestamptz, expires_at timestamptz, idle_seconds int, last_used_at timestamptz)`;

/** Instant at which a credential expires unless it is used before. */
export function endOf({ expiresAt, idleSeconds, lastUsedAt, createdAt }: Pick<Credential, 'expiresAt' | 'idleSeconds' | 'lastUsedAt' | 'createdAt'>): Instant {
  if (idleSeconds === null) return expiresAt;
  const idle = new Date(Date.parse(lastUsedAt ?? createdAt) + idleSeconds * 1000).toISOString();
  return idle < expiresAt ? idle : expiresAt;
}

/** Adds credentials, parents first. The database refuses one whose parent is not valid or expires sooner. */
export async function addCredentials(em: EntityManager, made: readonly NewCredential[]): Promise<void> {
  await run(em, insertCredentials('$1'), [toJsonRows(made)]);
}

/**
 * Ends credentials and all their descendants, in this transaction. Level by level: the creation of one locks its parent, so that
 * concurrently created ones are seen by the next statement.
 * @returns those that were valid, parents first
 */
export async function endCredentials(em: EntityManager, ids: readonly string[], reason: string, now: Instant): Promise<readonly EndedCredential[]> {
  const all: EndedCredential[] = [];
  for (let level = await endLevel(em, 'id', ids, reason, now); level.length > 0; ) {
    all.push(...level);
    level = await endLevel(
      em,
      'parent_id',
      level.map(({ id }) => id),
      reason,
      now,
    );
  }
  return all;
}

async function endLevel(
  em: EntityManager,
  column: 'id' | 'parent_id',
  ids: readonly string[],
  reason: string,
  now: Instant,
): Promise<readonly EndedCredential[]> {
  if (ids.length === 0) return [];
  const rows = await run<{ row: string }>(
    em,
    `with ended as (update credential set ended_at = $2::timestamptz, ended_reason = $3
       where id in (select id from credential where ${column} = any($1::uuid[]) and ended_at is null order by id for update)
       returning id, kind, parent_id, identity_id, expires_at)
     select to_json(x)::text as row from (select e.*, t.name, t.roles from ended e left join service_token t on t.id = e.id order by e.id) x`,
    [ids, now, reason],
  );
  return rows.map(({ row }) => fromJsonRow<EndedCredential>(JSON.parse(row) as Readonly<Record<string, unknown>>));
}

/** True if the last recorded use is at least a minute old, or there is none. */
export function isUseToNote(lastUsedAt: Instant | null, now: Instant): boolean {
  return lastUsedAt === null || Date.parse(now) - Date.parse(lastUsedAt) >= usesNotedEvery;
}

/** Records a use, unless the last recorded one is less than a minute old. */
export async function noteUse(em: EntityManager, id: string, now: Instant): Promise<void> {
  const before = new Date(Date.parse(now) - usesNotedEvery).toISOString();
  await run(
    em,
    `update credential set last_used_at = $2::timestamptz where id = $1::uuid and ended_at is null and (last_used_at is null or last_used_at <= $3::timestamptz)`,
    [id, now, before],
  );
}

/** Id of the root of a credential's tree; itself if it has no parent. */
export async function rootOf(em: EntityManager, id: string): Promise<string> {
  const [row] = await run<{ id: string }>(
    em,
    `with recursive up as (select id, parent_id from credential where id = $1::uuid
       union all select c.id, c.parent_id from credential c join up on c.id = up.parent_id)
     select id from up where parent_id is null`,
    [id],
  );
  return row?.id ?? id;
}
