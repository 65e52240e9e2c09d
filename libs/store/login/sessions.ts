import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type Instant, type LoginDemands, NOTHING_STATED, type SourceDetails, type SourceFacts } from '@tenure/domain';
import type { Audit } from '../audit/audit.ts';
import type { Vault } from '../audit/vault.ts';
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
export interface Session
  extends Pick<Credential, 'id' | 'parentId' | 'createdAt' | 'expiresAt' | 'idleSeconds' | 'lastUsedAt'>,
    Pick<SourceFacts, 'authenticatedAt' | 'acr'> {
  readonly identityId: string;
  readonly provider: string;
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
  /** Demands of an application; `null` and absent: none. */
  readonly demands?: LoginDemands | null;
}

export interface Sessions extends ServiceTokens {
  /** Opens a session. @returns the session and its token, which is shown once; the database keeps its hash */
  open(
    identityId: string,
    provider: string,
    now: Instant,
    expiresAt: Instant,
    idleSeconds?: number | null,
    source?: SourceFacts,
  ): Promise<{ session: Session; token: string }>;
  /** The session of a token that is valid at `now`: neither ended nor expired, also not by its idle timeout; `null`: none. */
  byToken(token: string, now: Instant): Promise<Session | null>;
  /** Keeps a session from ending until this transaction does. @returns when it expires by itself; `null`: it is no valid session of the person */
  keep(id: string, identityId: string, now: Instant): Promise<Instant | null>;
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
  /** Provider of a session, and the facts of its source; `null`: there is no such session. */
  sourceOf(id: string): Promise<(SourceFacts & { readonly provider: string }) | null>;
  /**
   * Ends sessions at a provider, with all that depend on them, as the provider demands it. @param source `indexes`: of its sessions, empty: all;
   * `subject`: `null`: any. One of the two is given. @returns those that were not ended yet, parents first
   */
  endAtSource(
    source: { readonly provider: string; readonly subject: string | null; readonly indexes: readonly string[] },
    reason: string,
    now: Instant,
  ): Promise<readonly EndedCredential[]>;
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
  source: SourceFacts = NOTHING_STATED,
): { readonly session: Session; readonly token: string; readonly credentials: readonly NewCredential[] } {
  const token = `ts_${randomBytes(32).toString('base64url')}`;
  const begun = { identityId, createdAt: now, expiresAt, lastUsedAt: now } as const;
  const parent = { ...begun, id: randomUUID(), kind: 'source-session', parentId: null, tokenHash: null, idleSeconds: null } as const;
  const made = { ...begun, id: randomUUID(), parentId: parent.id, idleSeconds } as const;
  return {
    session: { ...made, provider, authenticatedAt: source.authenticatedAt, acr: source.acr, revokedAt: null, revokedReason: null },
    token,
    credentials: [parent, { ...made, kind: 'session', tokenHash: hashToken(token) }],
  };
}

/** Statement that inserts a session; its parameters are the provider and the facts of the authentication as JSON. @param id columns and rows to select its id from */
export const insertSession = (id: string, provider: string, source: string): string =>
  `insert into session (id, provider, authenticated_at, acr, source_index, source_subject, source_details)
     select id, ${provider}, (${source}::jsonb->>'authenticatedAt')::timestamptz, ${source}::jsonb->>'acr', ${source}::jsonb->>'sourceIndex', ${source}::jsonb->>'sourceSubject',
       nullif(${source}::jsonb->'sourceDetails', 'null') from ${id}`;

/** Parts of a statement that insert one session: its credentials, as JSON, its provider and the facts of its source, as JSON, are the first values. */
export const insertedSession = `made as (${insertCredentials('$1')} returning id, kind),
opened as (${insertSession("made where kind = 'session'", '$2', '$3')})`;

const select = `select to_json(x)::text as row from (select ${credentialColumns}, s.provider, s.authenticated_at, s.acr from session s join credential c on c.id = s.id`;

/** Facts of a source as they are stored: an ID token says much about its person, so it is encrypted. */
export function storedSource(source: SourceFacts, vault: Pick<Vault, 'newPersonKey' | 'seal'>): string {
  const { idToken, ...details } = source.sourceDetails ?? {};
  if (idToken === undefined) return JSON.stringify(source);
  const wrappedKey = vault.newPersonKey();
  return JSON.stringify({ ...source, sourceDetails: { ...details, wrappedKey, sealedIdToken: vault.seal(wrappedKey, idToken) } });
}

export function createSessions(em: EntityManager, audit: Pick<Audit, 'record'>, vault: Vault): Sessions {
  const read = async (rest: string, values: readonly unknown[]): Promise<readonly Session[]> =>
    (await run<{ row: string }>(em, `${select} ${rest}) x`, values)).map(({ row }) => toSession(row));
  /** Ends the found credentials with their descendants. @returns number of sessions of Tenure among them */
  const endAll = async (found: string, values: readonly unknown[], reason: string, now: Instant): Promise<number> => {
    const ids = (await run<{ id: string }>(em, found, values)).map(({ id }) => id);
    return (await endCredentials(em, ids, reason, now)).filter(({ kind }) => kind === 'session').length;
  };
  return {
    ...createServiceTokens(em, audit),
    async open(identityId, provider, now, expiresAt, idleSeconds = null, source = NOTHING_STATED) {
      const { session, token, credentials } = newSession(identityId, provider, now, { expiresAt, idleSeconds }, source);
      await addCredentials(em, credentials);
      await run(em, insertSession('(select $1::uuid as id) made', '$2', '$3'), [session.id, provider, storedSource(source, vault)]);
      return { session, token };
    },
    byToken: async (token, now) => (await read(`where c.token_hash = $1 and ${isLiving('$2')}`, [hashToken(token), now]))[0] ?? null,
    async keep(id, identityId, now) {
      const rows = await run<{ expires_at: Date | string }>(
        em,
        `select c.expires_at from credential c where c.id = $1::uuid and c.identity_id = $3::uuid and c.kind = 'session' and ${isLiving('$2')} for share`,
        [id, now, identityId],
      );
      return rows[0] === undefined ? null : new Date(rows[0].expires_at).toISOString();
    },
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
    async sourceOf(id) {
      const [row] = await readRows<Omit<SourceFacts, 'sourceDetails'> & { readonly provider: string; readonly sourceDetails: StoredDetails | null }>(
        em,
        'select provider, authenticated_at, acr, source_index, source_subject, source_details from session where id = $1::uuid',
        [id],
      );
      if (row === undefined) return null;
      const { wrappedKey, sealedIdToken, ...details } = row.sourceDetails ?? {};
      const isSealed = wrappedKey !== undefined && sealedIdToken !== undefined;
      return { ...row, sourceDetails: isSealed ? { ...details, idToken: vault.open(wrappedKey, sealedIdToken) } : row.sourceDetails };
    },
    async endAtSource({ provider, subject, indexes }, reason, now) {
      if (subject === null && indexes.length === 0) return [];
      const rows = await run<{ id: string }>(
        em,
        `select unnest(array_remove(array[c.parent_id, c.id], null)) as id from session s join credential c on c.id = s.id
         where s.provider = $1 and ($2::text is null or s.source_subject = $2) and (cardinality($3::text[]) = 0 or s.source_index = any($3::text[]))
           and c.ended_at is null`,
        [provider, subject, indexes],
      );
      return endCredentials(
        em,
        rows.map(({ id }) => id),
        reason,
        now,
      );
    },
    beginLogin: async (request) => {
      await em.insert(LoginRequestRow, { ...request, replaces: request.replaces ?? null, demands: request.demands ?? null });
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

/** Details of a source in the database. */
type StoredDetails = Omit<SourceDetails, 'idToken'> & { readonly wrappedKey?: string; readonly sealedIdToken?: string };

function toSession(row: string): Session {
  const { endedAt, endedReason, kind: _kind, ...session } = fromJsonRow<Session & Credential>(JSON.parse(row) as Readonly<Record<string, unknown>>);
  return { ...session, revokedAt: endedAt, revokedReason: endedReason };
}
