import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import type { Audit } from './audit.ts';
import { toJsonRows } from './rows.ts';
import { run } from './statement.ts';
import { ConsumedAssertionRow, LoginRequestRow, ServiceTokenRow, SessionRow } from './entities/process.ts';

export interface Session {
  readonly id: string;
  readonly identityId: string;
  readonly provider: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
  readonly revokedReason: string | null;
}

export interface ServiceToken {
  readonly id: string;
  readonly name: string;
  /** Roles of its bearer: admin, operator, auditor, or `source:<name>` for recordFacts of that source. */
  readonly roles: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
}

export interface LoginRequest {
  readonly id: string;
  readonly provider: string;
  readonly browserHash: string;
  readonly returnTo: string;
  readonly nonce: string | null;
  readonly verifier: string | null;
  readonly expiresAt: Instant;
  /** The one-time link that it was begun with; `null` and absent: none. */
  readonly linkId?: string | null;
}

export interface Sessions {
  /** @returns the token, which is shown once; the database keeps its hash */
  open(identityId: string, provider: string, now: Instant, expiresAt: Instant): Promise<{ session: Session; token: string }>;
  /** Neither revoked nor over at `now`. */
  byToken(token: string, now: Instant): Promise<Session | null>;
  ofIdentity(identityId: string): Promise<readonly Session[]>;
  /** Those of all these people that are neither revoked nor over, the newest first. */
  openOf(identityIds: readonly string[], now: Instant): Promise<readonly Session[]>;
  revokeAll(identityId: string, reason: string, now: Instant): Promise<number>;
  /** Those that were opened by logins of one provider. @returns how many */
  revokeThrough(identityId: string, provider: string, reason: string, now: Instant): Promise<number>;
  revoke(id: string, reason: string, now: Instant): Promise<void>;
  /** Audited, since whoever holds it may act: the database takes none without its event. */
  createServiceToken(
    wanted: Pick<ServiceToken, 'name' | 'roles' | 'createdBy' | 'expiresAt'>,
    now: Instant,
  ): Promise<{ serviceToken: ServiceToken; token: string }>;
  serviceToken(token: string, now: Instant): Promise<ServiceToken | null>;
  serviceTokens(): Promise<readonly ServiceToken[]>;
  revokeServiceToken(id: string, now: Instant): Promise<boolean>;
  /** Ends those that these people have made, since an instant or ever. */
  revokeTokensOf(personIds: readonly string[], since: Instant | null, now: Instant): Promise<readonly Pick<ServiceToken, 'id' | 'name' | 'roles'>[]>;
  beginLogin(request: LoginRequest): Promise<void>;
  /** Reads a begun login and leaves it: what its answer is checked with, before `takeLogin` decides. */
  begunLogin(id: string): Promise<LoginRequest | null>;
  /** Hands a begun login out once; `null` when there is none, it was answered already, or its time is over. */
  takeLogin(id: string, now: Instant): Promise<LoginRequest | null>;
  /** @returns false when the assertion was used before */
  consumeAssertion(issuer: string, assertionId: string, expiresAt: Instant): Promise<boolean>;
  /** Deletes what can no longer matter: requests and assertions out of time, sessions over for a week. */
  sweep(now: Instant): Promise<void>;
}

const plain = { disableIdentityMap: true } as const;

/** SHA-256 of a token, hex. Tokens are 256 random bits, so a plain hash is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A session that is not stored yet, and its token. */
export function newSession(identityId: string, provider: string, now: Instant, expiresAt: Instant): { readonly session: Session; readonly token: string } {
  const session = { id: randomUUID(), identityId, provider, createdAt: now, expiresAt, revokedAt: null, revokedReason: null };
  return { session, token: `ts_${randomBytes(32).toString('base64url')}` };
}

/** Rows of sessions, as JSON, are its first value. */
export const insertSession = `insert into session (id, token_hash, identity_id, provider, created_at, expires_at)
  select * from jsonb_to_recordset($1::jsonb) r (id uuid, token_hash text, identity_id uuid, provider text, created_at timestamptz, expires_at timestamptz)`;

export function createSessions(em: EntityManager, audit: Pick<Audit, 'record'>): Sessions {
  return {
    async open(identityId, provider, now, expiresAt) {
      const { session, token } = newSession(identityId, provider, now, expiresAt);
      await run(em, insertSession, [toJsonRows([{ ...session, tokenHash: hashToken(token) }])]);
      return { session, token };
    },
    async byToken(token, now) {
      const row: object | null = await em.findOne(SessionRow, { tokenHash: hashToken(token), revokedAt: null, expiresAt: { $gt: now } }, plain);
      return row === null ? null : withoutHash(row);
    },
    ofIdentity: async (identityId) =>
      (await em.find(SessionRow, { identityId }, { ...plain, orderBy: { createdAt: 'desc' }, limit: 50 })).map((row) => withoutHash(row)),
    openOf: async (ids, now) =>
      (
        await em.find(SessionRow, { identityId: { $in: [...ids] }, revokedAt: null, expiresAt: { $gt: now } }, { ...plain, orderBy: { createdAt: 'desc' } })
      ).map((row) => withoutHash(row)),
    revokeAll: async (identityId, reason, now) => em.nativeUpdate(SessionRow, { identityId, revokedAt: null }, { revokedAt: now, revokedReason: reason }),
    revokeThrough: async (identityId, provider, reason, now) =>
      em.nativeUpdate(SessionRow, { identityId, provider, revokedAt: null }, { revokedAt: now, revokedReason: reason }),
    revoke: async (id, reason, now) => {
      await em.nativeUpdate(SessionRow, { id, revokedAt: null }, { revokedAt: now, revokedReason: reason });
    },
    async createServiceToken(wanted, now) {
      const token = `tt_${randomBytes(32).toString('base64url')}`;
      const serviceToken: ServiceToken = { ...wanted, id: randomUUID(), createdAt: now, revokedAt: null };
      await em.insert(ServiceTokenRow, { ...serviceToken, tokenHash: hashToken(token) });
      const { id, name, roles, expiresAt } = serviceToken;
      audit.record({ action: 'serviceToken.created', subjectKind: 'serviceToken', subjectId: id, identityId: null, reason: { name, roles, expiresAt } });
      return { serviceToken, token };
    },
    async serviceToken(token, now) {
      const row: object | null = await em.findOne(ServiceTokenRow, { tokenHash: hashToken(token), revokedAt: null, expiresAt: { $gt: now } }, plain);
      return row === null ? null : withoutHash(row);
    },
    serviceTokens: async () => (await em.find(ServiceTokenRow, {}, { ...plain, orderBy: { createdAt: 'desc' } })).map((row) => withoutHash(row)),
    revokeServiceToken: async (id, now) => (await em.nativeUpdate(ServiceTokenRow, { id, revokedAt: null }, { revokedAt: now })) === 1,
    revokeTokensOf: (personIds, since, now) =>
      run<Pick<ServiceToken, 'id' | 'name' | 'roles'>>(
        em,
        `update service_token set revoked_at = $3::timestamptz where created_by = any($1::text[]) and created_at >= coalesce($2::timestamptz, '-infinity') and revoked_at is null
           and expires_at > $3::timestamptz returning id, name, roles`,
        [personIds.map((id) => `person ${id}`), since, now],
      ),
    beginLogin: async (request) => {
      await em.insert(LoginRequestRow, request);
    },
    begunLogin: async (id) => (await em.findOne(LoginRequestRow, { id }, plain)) as LoginRequest | null,
    async takeLogin(id, now) {
      const request = (await em.findOne(LoginRequestRow, { id }, plain)) as LoginRequest | null;
      // The delete decides: of two answers at once, in whichever process, one deletes the row.
      const taken = await em.nativeDelete(LoginRequestRow, { id });
      return request !== null && taken === 1 && request.expiresAt > now ? request : null;
    },
    async consumeAssertion(issuer, assertionId, expiresAt) {
      const rows = await em.execute<{ issuer: string }[]>(
        'insert into consumed_assertion (issuer, assertion_id, expires_at) values (?, ?, ?) on conflict do nothing returning issuer',
        [issuer, assertionId, expiresAt],
      );
      return rows.length === 1;
    },
    async sweep(now) {
      const weekAgo = new Date(Date.parse(now) - 7 * 24 * 3600 * 1000).toISOString();
      await em.nativeDelete(LoginRequestRow, { expiresAt: { $lt: now } });
      await em.nativeDelete(ConsumedAssertionRow, { expiresAt: { $lt: now } });
      await em.nativeDelete(SessionRow, { expiresAt: { $lt: weekAgo } });
    },
  };
}

function withoutHash<T extends Session | ServiceToken>(row: object): T {
  const { tokenHash: _tokenHash, ...rest } = row as T & { tokenHash: string };
  return rest as unknown as T;
}
