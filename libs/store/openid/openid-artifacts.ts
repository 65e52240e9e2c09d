import { createHash, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { run } from '../database/statement.ts';
import { endCredentials, isLiving, noteUse } from '../tokens/credentials.ts';

/** Kinds of artifacts that are stored. */
export type OpenidModel = 'AccessToken' | 'AuthorizationCode' | 'Interaction' | 'PushedAuthorizationRequest' | 'RefreshToken' | 'ReplayDetection';

/** An artifact of the OpenID provider. */
export interface OpenidArtifact {
  readonly model: OpenidModel;
  /** The secret itself, or a name that nobody guesses; its SHA-256 is stored. */
  readonly id: string;
  /** Content without the id. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Session at the application to which it belongs, with which it ends; `null`: none. */
  readonly grantId: string | null;
  readonly expiresAt: Instant;
}

export interface OpenidArtifacts {
  /**
   * Stores an artifact, or its new content. The first refresh token of a session adds a credential of kind `refresh-token` below it, which all its
   * refresh tokens share.
   * @returns false if its session has ended
   */
  save(artifact: OpenidArtifact, now: Instant): Promise<boolean>;
  /** Content of an artifact and when it was consumed; `null`: there is none, or its session has ended. It may have expired. */
  find(model: OpenidModel, id: string, now: Instant): Promise<{ readonly payload: OpenidArtifact['payload']; readonly consumedAt: Instant | null } | null>;
  /** Consumes an artifact. @returns false if it was consumed before, or does not exist: of concurrent calls one returns true */
  consume(model: OpenidModel, id: string, now: Instant): Promise<boolean>;
  /** Records that a proof was used. @returns false if it was used before and has not expired: of concurrent calls one returns true */
  claim(id: string, expiresAt: Instant, now: Instant): Promise<boolean>;
  destroy(model: OpenidModel, id: string): Promise<void>;
  /** Deletes all artifacts of one kind of a session; with refresh tokens, their credential ends. */
  revoke(model: OpenidModel, grantId: string, now: Instant): Promise<void>;
}

export function createOpenidArtifacts(em: EntityManager): OpenidArtifacts {
  const upsert = `on conflict (model, id_hash) do update set payload = excluded.payload, expires_at = excluded.expires_at returning 1`;
  return {
    async save({ model, id, payload, grantId, expiresAt }, now) {
      const values = [model, hashed(id), JSON.stringify(payload), expiresAt];
      if (grantId === null) {
        await run(em, `insert into openid_artifact (model, id_hash, payload, expires_at) values ($1, $2, $3::jsonb, $4::timestamptz) ${upsert}`, values);
        return true;
      }
      // The lock keeps the session from ending until this transaction does.
      const parent = `parent as (select c.id, c.identity_id, c.expires_at from credential c where c.id = $5::uuid and ${isLiving('$6')} for share of c)`;
      const credential =
        model === 'RefreshToken'
          ? `, known as (select c.id from credential c join parent p on c.parent_id = p.id where c.kind = 'refresh-token' and c.ended_at is null limit 1),
             made as (insert into credential (id, kind, parent_id, identity_id, created_at, expires_at, last_used_at)
               select $7::uuid, 'refresh-token', p.id, p.identity_id, $6::timestamptz, p.expires_at, $6::timestamptz from parent p where not exists (select from known) returning id),
             bearer as (select id from known union all select id from made)`
          : `, bearer as (select id from parent where $7::uuid is not null)`;
      const saved = await run(
        em,
        `with ${parent}${credential}
         insert into openid_artifact (model, id_hash, payload, identity_id, grant_id, credential_id, expires_at)
         select $1, $2, $3::jsonb, p.identity_id, p.id, b.id, $4::timestamptz from parent p cross join bearer b ${upsert}`,
        [...values, grantId, now, randomUUID()],
      );
      return saved.length === 1;
    },
    async find(model, id, now) {
      const [row] = await run<{ payload: OpenidArtifact['payload']; consumed_at: Date | null }>(
        em,
        `select a.payload, a.consumed_at from openid_artifact a left join credential c on c.id = a.credential_id
         where a.model = $1 and a.id_hash = $2 and (a.credential_id is null or (${isLiving('$3')}))`,
        [model, hashed(id), now],
      );
      return row === undefined ? null : { payload: row.payload, consumedAt: row.consumed_at === null ? null : new Date(row.consumed_at).toISOString() };
    },
    async consume(model, id, now) {
      const [row] = await run<{ credential_id: string | null }>(
        em,
        'update openid_artifact set consumed_at = $3::timestamptz where model = $1 and id_hash = $2 and consumed_at is null returning credential_id',
        [model, hashed(id), now],
      );
      if (row !== undefined && model === 'RefreshToken' && row.credential_id !== null) await noteUse(em, row.credential_id, now);
      return row !== undefined;
    },
    async claim(id, expiresAt, now) {
      const claimed = await run(
        em,
        `insert into openid_artifact (model, id_hash, payload, expires_at) values ('ReplayDetection', $1, '{}', $2::timestamptz)
         on conflict (model, id_hash) do update set expires_at = excluded.expires_at where openid_artifact.expires_at <= $3::timestamptz returning 1`,
        [hashed(id), expiresAt, now],
      );
      return claimed.length === 1;
    },
    async destroy(model, id) {
      await run(em, 'delete from openid_artifact where model = $1 and id_hash = $2 returning 1', [model, hashed(id)]);
    },
    async revoke(model, grantId, now) {
      await run(em, 'delete from openid_artifact where model = $1 and grant_id = $2::uuid returning 1', [model, grantId]);
      if (model !== 'RefreshToken') return;
      const ended = await run<{ id: string }>(em, `select id from credential where parent_id = $1::uuid and kind = 'refresh-token' and ended_at is null`, [
        grantId,
      ]);
      await endCredentials(
        em,
        ended.map(({ id }) => id),
        'revoked by the application',
        now,
      );
    },
  };
}

function hashed(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
