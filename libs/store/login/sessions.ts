import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import type { Audit } from '../audit/audit.ts';
import {
  addCredentials,
  type Credential,
  credentialColumns,
  type EndedCredential,
  endCredentials,
  insertCredentials,
  isLiving,
  type NewCredential,
  noteUse,
  rootOf,
} from '../tokens/credentials.ts';
import { hashToken } from '../tokens/hash-token.ts';
import { fromJsonRow, readRows } from '../database/rows.ts';
import { createServiceTokens, type ServiceTokens } from '../tokens/service-tokens.ts';
import { run } from '../database/statement.ts';
import { LoginRequestRow } from './entities.ts';

/** Session of a person in Tenure; its parent is their session at the identity provider. */
export interface Session extends Pick<Credential, 'id' | 'parentId' | 'createdAt' | 'expiresAt' | 'idleSeconds' | 'lastUsedAt'> {
  readonly identityId: string;
  readonly provider: string;
  /** When the source says that the person proved who they are; `null`: it did not say. */
  readonly authenticatedAt: Instant | null;
  /** SAML AuthnContextClassRef or OpenID Connect `acr` that the source stated; `null`: none. */
  readonly acr: string | null;
  readonly revokedAt: Instant | null;
  readonly revokedReason: string | null;
}

/** Limits of a session's duration. */
export interface SessionBounds {
  readonly expiresAt: Instant;
  /** Seconds without a request after which it expires; `null`: no idle timeout. */
  readonly idleSeconds: number | null;
}

export interface LoginRequest {
  readonly id: string;
  readonly provider: string;
  readonly browserHash: string;
  readonly returnTo: string;
  readonly nonce: string | null;
  readonly verifier: string | null;
  /** Existing session of the browser, which ends with this login; `null`: none. */
  readonly replaces?: string | null;
  readonly expiresAt: Instant;
  /** One-time link that the login was begun with; `null` and absent: none. */
  readonly linkId?: string | null;
}

export interface Sessions extends ServiceTokens {
  /** Opens a session. @returns the session and its token, which is shown once; the database keeps its hash */
  open(identityId: string, provider: string, now: Instant, expiresAt: Instant, idleSeconds?: number | null): Promise<{ session: Session; token: string }>;
  /** The session of a token that is valid at `now`: neither ended nor expired, also not by its idle timeout; `null`: none. */
  byToken(token: string, now: Instant): Promise<Session | null>;
  /** Records the use of a session or service token: to the minute, so that most uses write nothing. */
  noteUse(id: string, now: Instant): Promise<void>;
  /** Sessions of all these people that are valid at `now`, the newest first. */
  openOf(identityIds: readonly string[], now: Instant): Promise<readonly Session[]>;
  /** Ends all sessions of a person, those at the source and dependent credentials included. @returns number of sessions of Tenure that were open */
  revokeAll(identityId: string, reason: string, now: Instant): Promise<number>;
  /** Ends sessions that were opened by logins of one provider, those at the source included. @returns number of sessions of Tenure */
  revokeThrough(identityId: string, provider: string, reason: string, now: Instant): Promise<number>;
  /** Ends a session with all dependent credentials. */
  revoke(id: string, reason: string, now: Instant): Promise<readonly EndedCredential[]>;
  /** Root of a credential's tree: itself if it has no parent. */
  rootOf(id: string): Promise<string>;
  beginLogin(request: LoginRequest): Promise<void>;
  /** Reads a login in progress without consuming it, to check its answer before `takeLogin` decides. */
  begunLogin(id: string): Promise<LoginRequest | null>;
  /** Consumes a login in progress; `null` when there is none, it was answered already, or it has expired. */
  takeLogin(id: string, now: Instant): Promise<LoginRequest | null>;
  /** Consumes an assertion. @returns false when it was used before */
  consumeAssertion(issuer: string, assertionId: string, expiresAt: Instant): Promise<boolean>;
}

const plain = { disableIdentityMap: true } as const;

/** A new session that is not stored yet, its parent session at the source, and its token. */
export function newSession(
  identityId: string,
  provider: string,
  now: Instant,
  { expiresAt, idleSeconds }: SessionBounds,
): { readonly session: Session; readonly token: string; readonly credentials: readonly NewCredential[] } {
  const token = `ts_${randomBytes(32).toString('base64url')}`;
  const begun = { identityId, createdAt: now, expiresAt, lastUsedAt: now } as const;
  const source = { ...begun, id: randomUUID(), kind: 'source-session', parentId: null, tokenHash: null, idleSeconds: null } as const;
  const made = { ...begun, id: randomUUID(), parentId: source.id, idleSeconds } as const;
  return {
    session: { ...made, provider, authenticatedAt: null, acr: null, revokedAt: null, revokedReason: null },
    token,
    credentials: [source, { ...made, kind: 'session', tokenHash: hashToken(token) }],
  };
}

/** Parts of a statement that insert one session: its credentials, as JSON, and its provider are the first values. */
export const insertedSession = `made as (${insertCredentials('$1')} returning id, kind),
opened as (insert into session (id, provider) select id, $2 from made where kind = 'session')`;

const select = `select to_json(x)::text as row from (select ${credentialColumns}, s.provider, s.authenticated_at, s.acr from session s join credential c on c.id = s.id`;

export function createSessions(em: EntityManager, audit: Pick<Audit, 'record'>): Sessions {
  const read = async (rest: string, values: readonly unknown[]): Promise<readonly Session[]> =>
    (await run<{ row: string }>(em, `${select} ${rest}) x`, values)).map(({ row }) => toSession(row));
  /** Ends the found credentials with their descendants. @returns number of sessions of Tenure among them */
  const endAll = async (found: string, values: readonly unknown[], reason: string, now: Instant): Promise<number> => {
    const ids = (await run<{ id: string }>(em, found, values)).map(({ id }) => id);
    return (await endCredentials(em, ids, reason, now)).filter(({ kind }) => kind === 'session').length;
  };
  return {
    ...createServiceTokens(em, audit),
    async open(identityId, provider, now, expiresAt, idleSeconds = null) {
      const { session, token, credentials } = newSession(identityId, provider, now, { expiresAt, idleSeconds });
      await addCredentials(em, credentials);
      await run(em, 'insert into session (id, provider) values ($1, $2)', [session.id, provider]);
      return { session, token };
    },
    byToken: async (token, now) => (await read(`where c.token_hash = $1 and ${isLiving('$2')}`, [hashToken(token), now]))[0] ?? null,
    noteUse: (id, now) => noteUse(em, id, now),
    openOf: (ids, now) => read(`where c.identity_id = any($1::uuid[]) and ${isLiving('$2')} order by c.created_at desc, c.id`, [ids, now]),
    revokeAll: (identityId, reason, now) =>
      endAll(`select id from credential where identity_id = $1::uuid and kind <> 'service-token' and ended_at is null`, [identityId], reason, now),
    revokeThrough: (identityId, provider, reason, now) =>
      endAll(
        `select unnest(array_remove(array[c.parent_id, c.id], null)) as id from credential c join session s on s.id = c.id
           where c.identity_id = $1::uuid and s.provider = $2 and c.ended_at is null`,
        [identityId, provider],
        reason,
        now,
      ),
    revoke: (id, reason, now) => endCredentials(em, [id], reason, now),
    rootOf: (id) => rootOf(em, id),
    beginLogin: async (request) => {
      await em.insert(LoginRequestRow, { ...request, replaces: request.replaces ?? null });
    },
    begunLogin: async (id) => (await readRows<LoginRequest>(em, 'select * from login_request where id = $1', [id]))[0] ?? null,
    async takeLogin(id, now) {
      const request = (await em.findOne(LoginRequestRow, { id }, plain)) as LoginRequest | null;
      // The delete decides: of concurrent answers, in any processes, one deletes the row.
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
  };
}

function toSession(row: string): Session {
  const { endedAt, endedReason, kind: _kind, ...session } = fromJsonRow<Session & Credential>(JSON.parse(row) as Readonly<Record<string, unknown>>);
  return { ...session, revokedAt: endedAt, revokedReason: endedReason };
}
