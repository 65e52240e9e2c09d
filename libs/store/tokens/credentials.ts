import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** Kind of a credential. Sessions at applications and refresh tokens are to be further kinds. */
export type CredentialKind = 'source-session' | 'session' | 'service-token';

/** Something that opens Tenure to whoever has it, or that such a thing rests on: a node of the tree of credentials. */
export interface Credential {
  readonly id: string;
  readonly kind: CredentialKind;
  /** The one that it was made with: it ends no later than that, and with it. `null`: it rests on its person, or on the machine that made it. */
  readonly parentId: string | null;
  /** Person whose rights limit the credential; `null`: no person created it. */
  readonly identityId: string | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  /** Seconds without a use after which it is over; `null`: it may lie idle. */
  readonly idleSeconds: number | null;
  /** To the minute. */
  readonly lastUsedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endedReason: string | null;
}

/** One that is made now. */
export interface NewCredential extends Pick<Credential, 'id' | 'kind' | 'parentId' | 'identityId' | 'createdAt' | 'expiresAt' | 'idleSeconds' | 'lastUsedAt'> {
  /** SHA-256 of what is shown; `null`: it is shown to nobody. */
  readonly tokenHash: string | null;
}

/** One that was ended. For service tokens with what it was. */
export interface EndedCredential extends Pick<Credential, 'id' | 'kind' | 'parentId' | 'identityId' | 'expiresAt'> {
  readonly name: string | null;
  readonly roles: readonly string[] | null;
}

/** Milliseconds between two notes of a use: a request that is one of many writes nothing. */
const usesNotedEvery = 60_000;

/** Columns of a credential, as `fromJsonRow` reads them. */
export const credentialColumns =
  'c.id, c.kind, c.parent_id, c.identity_id, c.created_at, c.expires_at, c.idle_seconds, c.last_used_at, c.ended_at, c.ended_reason';

/** Neither ended nor over nor idle for too long at the instant of a parameter. */
export const isLiving = (now: string): string =>
  `c.ended_at is null and c.expires_at > ${now}::timestamptz
     and (c.idle_seconds is null or coalesce(c.last_used_at, c.created_at) + c.idle_seconds * interval '1 second' > ${now}::timestamptz)`;

/** Rows of credentials, as JSON, are the parameter. */
export const insertCredentials = (
  parameter: string,
): string => `insert into credential (id, kind, parent_id, identity_id, token_hash, created_at, expires_at, idle_seconds, last_used_at)
  select * from jsonb_to_recordset(${parameter}::jsonb) r (id uuid, kind text, parent_id uuid, identity_id uuid, token_hash text, created_at timestamptz, expires_at timestamptz, idle_seconds int, last_used_at timestamptz)`;

/** When it ends by itself, if nobody uses it until then. */
export function endOf({ expiresAt, idleSeconds, lastUsedAt, createdAt }: Pick<Credential, 'expiresAt' | 'idleSeconds' | 'lastUsedAt' | 'createdAt'>): Instant {
  if (idleSeconds === null) return expiresAt;
  const idle = new Date(Date.parse(lastUsedAt ?? createdAt) + idleSeconds * 1000).toISOString();
  return idle < expiresAt ? idle : expiresAt;
}

/** Adds credentials, each after the one that it was made with. The database refuses one whose parent is not living or ends sooner. */
export async function addCredentials(em: EntityManager, made: readonly NewCredential[]): Promise<void> {
  await run(em, insertCredentials('$1'), [toJsonRows(made)]);
}

/**
 * Ends credentials and all that were made with them, in this transaction. Level by level: whoever makes one holds its parent, so that
 * what was made meanwhile is seen by the next statement.
 * @returns those that were living, parents first
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

/** True: the last recorded use is at least a minute old, or there is none. */
export function isUseToNote(lastUsedAt: Instant | null, now: Instant): boolean {
  return lastUsedAt === null || Date.parse(now) - Date.parse(lastUsedAt) >= usesNotedEvery;
}

/** Notes that it was used, where the last note is not of just now. */
export async function noteUse(em: EntityManager, id: string, now: Instant): Promise<void> {
  const before = new Date(Date.parse(now) - usesNotedEvery).toISOString();
  await run(
    em,
    `update credential set last_used_at = $2::timestamptz where id = $1::uuid and ended_at is null and (last_used_at is null or last_used_at <= $3::timestamptz)`,
    [id, now, before],
  );
}

/** All of one tree: the root of the credential, or itself. */
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
