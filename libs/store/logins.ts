import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, Lifecycle, LifecycleState } from '@tenure/domain';
import type { LoginSubject } from './identities.ts';
import { fromJsonRow, toJsonRows } from './rows.ts';
import { insertedSession, type LoginRequest, newSession, type Session, type SessionBounds } from './sessions.ts';
import { run } from './statement.ts';

/** Whom an issuer's subject is bound to, and where their life stands. */
export interface BoundSubject extends Pick<LoginSubject, 'provider' | 'identityId'> {
  readonly state: LifecycleState;
  readonly next: Lifecycle['next'];
  /** How long they have not been heard of, where policy watches over it. */
  readonly inactivity: Lifecycle['inactivity'] | null;
}

/** What is known of an answer when it arrives. */
export interface AnsweredLogin {
  /** The login that it answers; `null` when there is none, it was answered already, or its time is over. */
  readonly request: LoginRequest | null;
  /** Whether the assertion was not used before; true where there is none. */
  readonly isFirstUse: boolean;
  readonly bound: BoundSubject | null;
}

/** A login's own reading and writing: one statement before it is decided, one after. */
export interface Logins {
  /** Uses up the request and the assertion that an answer carries. Of two answers at once, in whichever process, one gets them. */
  take(
    answer: {
      readonly requestId: string | null;
      readonly assertion: { readonly id: string; readonly notOnOrAfter: Instant } | null;
      readonly issuer: string;
      readonly subject: string;
    },
    now: Instant,
  ): Promise<AnsweredLogin>;
  /**
   * Binds the subject, or notes its login, and opens a session.
   * @returns `bound`: whether it was bound now; `null` when the subject is bound to somebody else or through another provider
   */
  admit(subject: LoginSubject, bounds: SessionBounds): Promise<{ readonly bound: boolean; readonly session: Session; readonly token: string } | null>;
}

export function createLogins(em: EntityManager): Logins {
  return {
    async take({ requestId, assertion, issuer, subject }, now) {
      const values = [requestId, issuer, assertion?.id ?? null, assertion?.notOnOrAfter ?? null, subject];
      const [row] = await run<{ request: string | null; first: boolean; bound: string | null }>(em, takeAnswer, values);
      const request = row?.request == null ? null : fromJsonRow<LoginRequest>(JSON.parse(row.request) as Readonly<Record<string, unknown>>);
      return {
        request: request !== null && request.expiresAt > now ? request : null,
        isFirstUse: assertion === null || row?.first === true,
        bound: row?.bound == null ? null : (JSON.parse(row.bound) as BoundSubject),
      };
    },
    async admit(subject, bounds) {
      const { session, token, credentials } = newSession(subject.identityId, subject.provider, subject.lastLoginAt, bounds);
      const rows = await run<{ bound: boolean }>(em, admitSubject, [
        toJsonRows(credentials),
        subject.provider,
        subject.issuer,
        subject.subject,
        subject.identityId,
        subject.boundAt,
        subject.lastLoginAt,
      ]);
      return rows[0] === undefined ? null : { bound: rows[0].bound, session, token };
    },
  };
}

const takeAnswer = `with
request as (delete from login_request where id = $1 returning *),
used as (insert into consumed_assertion (issuer, assertion_id, expires_at) select $2::text, $3::text, $4::timestamptz where $3::text is not null
  on conflict do nothing returning issuer)
select (select to_json(request)::text from request) as request, exists (select from used) as first,
  (select json_build_object('provider', s.provider, 'identityId', i.id, 'state', i.state, 'next', i.lifecycle->'next', 'inactivity', i.lifecycle->'inactivity')::text
    from login_subject s join identity i on i.id = s.identity_id where s.issuer = $2::text and s.subject = $5::text) as bound`;

// A row that was updated has an xmax.
const admitSubject = `with
${insertedSession},
known as (
  insert into login_subject (issuer, subject, provider, identity_id, bound_at, last_login_at) values ($3, $4, $2, $5::uuid, $6, $7)
  on conflict (issuer, subject) do update set last_login_at = excluded.last_login_at
    where login_subject.provider = excluded.provider and login_subject.identity_id = excluded.identity_id
  returning xmax = 0 as bound)
select bound from known`;
