import { randomBytes, randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { fromJsonRow } from '../database/rows.ts';
import { run } from '../database/statement.ts';
import { addCredentials, type Credential, credentialColumns, type EndedCredential, endCredentials, isLiving } from '../tokens/credentials.ts';

/** Session of a person at an application, in Tenure's record of it; its parent is their session in Tenure. */
export interface ApplicationSession extends Pick<Credential, 'id' | 'parentId' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'endedAt' | 'endedReason'> {
  readonly identityId: string;
  readonly application: string;
  readonly protocol: 'saml' | 'oidc';
  /** Name of the person at the application: SAML NameID, OpenID Connect `sub`. */
  readonly subject: string;
  /** SAML SessionIndex, OpenID Connect `sid`. */
  readonly sessionIndex: string;
  /** Digest of the claims that the application received last. */
  readonly claimsDigest: string;
  /** When a decision changed the claims, so that the next request brings others; `null`: the application received the present ones. */
  readonly outdatedAt: Instant | null;
  /** Facts of the protocol that a logout needs. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface NewApplicationSession
  extends Pick<ApplicationSession, 'identityId' | 'application' | 'protocol' | 'subject' | 'claimsDigest' | 'expiresAt' | 'details'> {
  /** Session in Tenure with which the person enters. */
  readonly parentId: string;
}

export interface ApplicationSessions {
  /** Opens a session. The database refuses one whose session in Tenure is not valid or expires sooner. */
  open(session: NewApplicationSession, now: Instant): Promise<ApplicationSession>;
  /**
   * Newest session of a session in Tenure at an application that lasts until `until` at least, kept from ending until this transaction does; `null`:
   * none.
   */
  reuse(parentId: string, application: string, until: Instant): Promise<ApplicationSession | null>;
  /** The session that is valid at `now`, by its id; `null`: none. */
  get(id: string, now: Instant): Promise<ApplicationSession | null>;
  /** The session of an application with this SessionIndex or `sid`, ended ones too; `null`: none. */
  byIndex(application: string, sessionIndex: string): Promise<ApplicationSession | null>;
  /** Valid sessions of a person at an application, by their name there. */
  ofSubject(application: string, subject: string, now: Instant): Promise<readonly ApplicationSession[]>;
  /** Valid sessions of a session in Tenure at one application, or at all of them. */
  below(parentId: string, application: string | null, now: Instant): Promise<readonly ApplicationSession[]>;
  /** Sessions of all these people that are valid at `now`, the newest first. */
  openOf(identityIds: readonly string[], now: Instant): Promise<readonly ApplicationSession[]>;
  /** Ends sessions with their refresh tokens. @returns those that were valid */
  end(ids: readonly string[], reason: string, now: Instant): Promise<readonly EndedCredential[]>;
  /** Marks sessions of which a decision has changed the claims. */
  outdate(ids: readonly string[], now: Instant): Promise<void>;
  /** Records the claims that the application received, and facts of the protocol. */
  noteClaims(id: string, claimsDigest: string, details: ApplicationSession['details']): Promise<void>;
}

const select = `select to_json(x)::text as row from (select ${credentialColumns}, a.application, a.protocol, a.subject, a.session_index, a.claims_digest, a.outdated_at, a.details
  from application_session a join credential c on c.id = a.id`;

export function createApplicationSessions(em: EntityManager): ApplicationSessions {
  const read = async (rest: string, values: readonly unknown[]): Promise<readonly ApplicationSession[]> =>
    (await run<{ row: string }>(em, `${select} ${rest}) x`, values)).map(({ row }) => {
      const {
        kind: _kind,
        idleSeconds: _idle,
        ...session
      } = fromJsonRow<ApplicationSession & Credential>(JSON.parse(row) as Readonly<Record<string, unknown>>);
      return session;
    });
  return {
    async open({ identityId, parentId, application, protocol, subject, claimsDigest, expiresAt, details }, now) {
      const id = randomUUID();
      const sessionIndex = `_${randomBytes(20).toString('hex')}`;
      const begun = { id, parentId, identityId, createdAt: now, expiresAt, lastUsedAt: now } as const;
      await addCredentials(em, [{ ...begun, kind: 'application-session', idleSeconds: null, tokenHash: null }]);
      await run(
        em,
        'insert into application_session (id, application, protocol, subject, session_index, claims_digest, details) values ($1::uuid, $2, $3, $4, $5, $6, $7::jsonb) returning 1',
        [id, application, protocol, subject, sessionIndex, claimsDigest, JSON.stringify(details)],
      );
      return { ...begun, application, protocol, subject, sessionIndex, claimsDigest, outdatedAt: null, details, endedAt: null, endedReason: null };
    },
    async reuse(parentId, application, until) {
      const [row] = await run<{ id: string }>(
        em,
        `select c.id from credential c join application_session a on a.id = c.id
         where c.parent_id = $1::uuid and a.application = $2 and c.ended_at is null and c.expires_at >= $3::timestamptz order by c.expires_at desc limit 1 for share of c`,
        [parentId, application, until],
      );
      return row === undefined ? null : ((await read('where c.id = $1::uuid', [row.id]))[0] ?? null);
    },
    get: async (id, now) => (await read(`where c.id = $1::uuid and ${isLiving('$2')}`, [id, now]))[0] ?? null,
    byIndex: async (application, index) => (await read('where a.application = $1 and a.session_index = $2', [application, index]))[0] ?? null,
    ofSubject: (application, subject, now) =>
      read(`where a.application = $1 and a.subject = $3 and ${isLiving('$2')} order by c.created_at desc, c.id`, [application, now, subject]),
    below: (parentId, application, now) =>
      read(`where c.parent_id = $1::uuid and ($3::text is null or a.application = $3) and ${isLiving('$2')} order by c.created_at desc, c.id`, [
        parentId,
        now,
        application,
      ]),
    openOf: (ids, now) => read(`where c.identity_id = any($1::uuid[]) and ${isLiving('$2')} order by c.created_at desc, c.id`, [ids, now]),
    end: (ids, reason, now) => endCredentials(em, ids, reason, now),
    async outdate(ids, now) {
      if (ids.length === 0) return;
      await run(em, 'update application_session set outdated_at = $2::timestamptz where id = any($1::uuid[]) and outdated_at is null returning 1', [ids, now]);
    },
    async noteClaims(id, claimsDigest, details) {
      await run(em, 'update application_session set claims_digest = $2, outdated_at = null, details = $3::jsonb where id = $1::uuid returning 1', [
        id,
        claimsDigest,
        JSON.stringify(details),
      ]);
    },
  };
}
