import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import type { Audit } from '../audit/audit.ts';
import { addCredentials, type Credential, credentialColumns, type EndedCredential, endCredentials, isLiving } from './credentials.ts';
import { hashToken } from './hash-token.ts';
import { fromJsonRow } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** API token of a service. */
export interface ServiceToken extends Pick<Credential, 'id' | 'parentId' | 'identityId' | 'createdAt' | 'expiresAt' | 'lastUsedAt'> {
  readonly name: string;
  /** Maximum roles of its bearer: admin, operator, auditor, or `source:<name>` for recordFacts of that source. */
  readonly roles: readonly string[];
  readonly createdBy: string;
  /** Responsible person, who decides on its renewal before it expires; `null`: the operators do. */
  readonly responsibleId: string | null;
  readonly revokedAt: Instant | null;
}

/** A service token to be created. Without a person or parent, no person created it. */
export type NewServiceToken = Pick<ServiceToken, 'name' | 'roles' | 'createdBy' | 'expiresAt'> &
  Partial<Pick<ServiceToken, 'parentId' | 'identityId' | 'responsibleId'>>;

export interface ServiceTokens {
  /**
   * Creates a service token. Audited, since its bearer may act: the database accepts none without its event, none that expires after its parent,
   * and no administrator's token of more than a day that no person created.
   */
  createServiceToken(wanted: NewServiceToken, now: Instant): Promise<{ serviceToken: ServiceToken; token: string }>;
  serviceToken(token: string, now: Instant): Promise<ServiceToken | null>;
  /** Roles of the ancestors of a token, the oldest first; empty: it has none. */
  rolesAbove(token: Pick<ServiceToken, 'parentId'>): Promise<readonly (readonly string[])[]>;
  /** All service tokens, the newest first. */
  serviceTokens(): Promise<readonly ServiceToken[]>;
  /** Ends a token with all its descendants. @returns those that were valid, parents first; empty: it was not valid, or there is none */
  revokeServiceToken(id: string, reason: string, now: Instant): Promise<readonly EndedCredential[]>;
  /** Ends tokens that these people have created, since an instant or ever, with all descendants. @returns those that were valid */
  revokeTokensOf(personIds: readonly string[], since: Instant | null, reason: string, now: Instant): Promise<readonly EndedCredential[]>;
  /** Valid tokens of sources that expire soon (in a fortnight, or the last quarter of a short validity) and have no case about that yet. */
  tokensToAskAbout(now: Instant, limit: number): Promise<readonly ServiceToken[]>;
  /** Keys of open cases about tokens that are no longer valid. */
  tokensAskedInVain(now: Instant): Promise<readonly string[]>;
}

/** Key of the case about the expiry of a token. */
export const tokenEndingKey = (id: string): string => `token-ending/${id}`;

const select = `select to_json(x)::text as row from (select ${credentialColumns}, t.name, t.roles, t.created_by, t.responsible_id
  from service_token t join credential c on c.id = t.id`;

export function createServiceTokens(em: EntityManager, audit: Pick<Audit, 'record'>): ServiceTokens {
  const read = async (rest: string, values: readonly unknown[]): Promise<readonly ServiceToken[]> =>
    (await run<{ row: string }>(em, `${select} ${rest}) x`, values)).map(({ row }) => toServiceToken(row));
  const end = async (ids: readonly string[], reason: string, now: Instant): Promise<readonly EndedCredential[]> =>
    (await endCredentials(em, ids, reason, now)).filter(({ expiresAt }) => expiresAt > now);
  return {
    async createServiceToken(wanted, now) {
      const { name, roles, createdBy, expiresAt, parentId = null, identityId = null, responsibleId = null } = wanted;
      const token = `tt_${randomBytes(32).toString('base64url')}`;
      const id = randomUUID();
      await addCredentials(em, [
        { id, kind: 'service-token', parentId, identityId, tokenHash: hashToken(token), createdAt: now, expiresAt, idleSeconds: null, lastUsedAt: null },
      ]);
      await run(em, 'insert into service_token (id, name, roles, created_by, responsible_id) values ($1, $2, $3::jsonb, $4, $5)', [
        id,
        name,
        JSON.stringify(roles),
        createdBy,
        responsibleId,
      ]);
      const reason = { name, roles, expiresAt, ...(parentId === null ? {} : { parentId }), ...(responsibleId === null ? {} : { responsibleId }) };
      audit.record({ action: 'serviceToken.created', subjectKind: 'serviceToken', subjectId: id, identityId: null, reason });
      const serviceToken = { id, name, roles, createdBy, parentId, identityId, responsibleId, createdAt: now, expiresAt, lastUsedAt: null, revokedAt: null };
      return { serviceToken, token };
    },
    serviceToken: async (token, now) => (await read(`where c.token_hash = $1 and ${isLiving('$2')}`, [hashToken(token), now]))[0] ?? null,
    async rolesAbove({ parentId }) {
      if (parentId === null) return [];
      const rows = await run<{ roles: readonly string[] }>(
        em,
        `with recursive up as (select id, parent_id, 1 as height from credential where id = $1::uuid
           union all select c.id, c.parent_id, up.height + 1 from credential c join up on c.id = up.parent_id)
         select t.roles from up join service_token t on t.id = up.id order by up.height desc`,
        [parentId],
      );
      return rows.map(({ roles }) => roles);
    },
    serviceTokens: () => read('order by c.created_at desc, c.id', []),
    revokeServiceToken: (id, reason, now) => end([id], reason, now),
    async revokeTokensOf(personIds, since, reason, now) {
      const rows = await run<{ id: string }>(
        em,
        `select id from credential where kind = 'service-token' and identity_id = any($1::uuid[]) and created_at >= coalesce($2::timestamptz, '-infinity') and ended_at is null`,
        [personIds, since],
      );
      return end(
        rows.map(({ id }) => id),
        reason,
        now,
      );
    },
    tokensToAskAbout: (now, limit) =>
      read(
        `where ${isLiving('$1')} and exists (select from jsonb_array_elements_text(t.roles) r where r like 'source:%')
           and c.expires_at - least(interval '14 days', (c.expires_at - c.created_at) / 4) <= $1::timestamptz and c.expires_at - c.created_at > interval '1 day'
           and not exists (select from case_file f where f.kind = 'token-ending' and f.key = 'token-ending/' || c.id) order by c.expires_at, c.id limit $2`,
        [now, limit],
      ),
    tokensAskedInVain: async (now) =>
      (
        await run<{ key: string }>(
          em,
          `select f.key from case_file f where f.status = 'open' and f.kind = 'token-ending'
             and not exists (select from credential c where 'token-ending/' || c.id = f.key and ${isLiving('$1')})`,
          [now],
        )
      ).map(({ key }) => key),
  };
}

function toServiceToken(row: string): ServiceToken {
  const {
    endedAt,
    endedReason: _reason,
    idleSeconds: _idle,
    kind: _kind,
    ...token
  } = fromJsonRow<ServiceToken & Credential>(JSON.parse(row) as Readonly<Record<string, unknown>>);
  return { ...token, revokedAt: endedAt };
}
