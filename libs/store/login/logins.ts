import type { EntityManager } from '@mikro-orm/postgresql';
import { EXTENSION_SOURCE, type Instant, type Lifecycle, type LifecycleState, OPERATOR_SOURCE } from '@tenure/domain';
import { LoginSubjectRow } from '../identities/entities.ts';
import { decisionsLock } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { KeysOfLogin, LoginSubject, PendingLogin, SettledBy, SettledLogin } from './login-subject.ts';
import { inputVersions } from '../identities/people.ts';
import { lockRecords } from '../identities/records.ts';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { insertedSession, type LoginRequest, newSession, type Session, type SessionBounds } from './sessions.ts';
import { insertCredentials } from '../tokens/credentials.ts';
import { run, send } from '../database/statement.ts';

/** Whom an issuer's subject is bound to, and where their life stands. */
export interface BoundSubject extends Pick<LoginSubject, 'provider' | 'identityId' | 'nameIdFormat'> {
  readonly state: LifecycleState;
  readonly next: Lifecycle['next'];
  /** How long they have not been heard of, where policy watches over it. */
  readonly inactivity: Lifecycle['inactivity'] | null;
  /** The login's own record; `null`: it has none. */
  readonly recordId: string | null;
  /** Last statement: the correlation keys, or, for subjects bound before keys were stored, all facts of the record. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly pending: PendingLogin | null;
  /** IANA name, as of the last decision. */
  readonly timeZone: string;
  /** Basis of the last decided login; `null`: the next one is decided. */
  readonly settled: SettledLogin | null;
}

/** A login that says what the last one of the subject said. */
export interface RepeatedLogin {
  readonly issuer: string;
  readonly subject: string;
  readonly bound: Pick<BoundSubject, 'provider' | 'identityId'>;
  readonly recordId: string;
  readonly settled: SettledLogin;
}

/** What is known of an answer when it arrives. */
export interface AnsweredLogin {
  /** The login that it answers; `null` when there is none, it was answered already, or its time is over. */
  readonly request: LoginRequest | null;
  /** True if the assertion was not used before; true where there is none. */
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
   * Notes a login that says what the last one said, and opens a session, where nothing that was decided from has changed since: then the rows of
   * the person, the record and the binding are as after a decision. Looked at while the person is held, so that an end, a hold, a case or a record
   * that comes at the same moment is either seen, or waits and finds the session.
   * @returns `null`: something has changed, so the login is to be decided; nothing was written
   */
  repeat(login: RepeatedLogin, bounds: SessionBounds, now: Instant): Promise<{ readonly session: Session; readonly token: string } | null>;
  /**
   * Binds the subject, or notes its login, and opens a session.
   * @param settled what the login was decided from, where the same login again needs no decision; `null`: the next one is decided
   * @returns `bound`: whether it was bound now; `null` when the subject is bound to somebody else or through another provider
   */
  admit(
    subject: LoginSubject,
    bounds: SessionBounds,
    settled: (SettledBy & { readonly recordId: string }) | null,
  ): Promise<{ readonly bound: boolean; readonly session: Session; readonly token: string } | null>;

  /** The binding whose login has this record (source and externalId); `null`: none. */
  ofRecord(record: { readonly source: string; readonly externalId: string }): Promise<(LoginSubject & { readonly pending: PendingLogin | null }) | null>;
  /** Keeps what has to be decided before the subject is let in again; `null`: nothing any more. */
  setPending(subject: Pick<LoginSubject, 'issuer' | 'subject'>, pending: PendingLogin | null): Promise<void>;
  /** Takes what a subject says from now on for what it said. */
  setSaid(subject: Pick<LoginSubject, 'issuer' | 'subject'>, keys: KeysOfLogin, nameIdFormat: string | null): Promise<void>;
  /** Keeps that somebody has said whose a login is. @param by kind and id of whoever has */
  confirm(record: { readonly recordId: string; readonly identityId: string; readonly provider: string }, by: string, now: Instant): Promise<void>;
  /**
   * Whether a login of this provider speaks for this person without the provider's word alone deciding who that is: somebody has confirmed it,
   * or nothing else than this provider has ever said anything of them.
   * @param recordId of the login that asks; `null`: the one that is bound
   */
  isConfirmed(identityId: string, provider: string, recordId: string | null): Promise<boolean>;
  /** Bindings of all these people, and of each whether it is confirmed. */
  ofPeople(identityIds: readonly string[]): Promise<readonly (LoginSubject & { readonly isConfirmed: boolean })[]>;
  /**
   * Ends a binding: the subject is a stranger from now on.
   * @param recordId of its record, which counts no more and is no longer found by what the login is called; `null`: it has none
   */
  end(subject: Pick<LoginSubject, 'issuer' | 'subject'> | null, recordId: string | null, now: Instant): Promise<void>;
}

/** Said by people in Tenure of somebody whom they see before them: it is no second word on who that is. */
const saidByHand: readonly string[] = [OPERATOR_SOURCE, EXTENSION_SOURCE];

export function createLogins(em: EntityManager, audit: Pick<Audit, 'reserve'>): Logins {
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
    async repeat({ issuer, subject, bound, recordId, settled }, bounds, now) {
      const { session, token, credentials } = newSession(bound.identityId, bound.provider, now, bounds);
      // As whoever decides does it, and in the same order: a new policy version before the record before the person.
      await send(em, 'select pg_advisory_xact_lock_shared($1)', [decisionsLock]);
      await lockRecords(em, [{ source: bound.provider, externalId: `${issuer}|${subject}` }]);
      const values = [
        issuer,
        subject,
        bound.identityId,
        recordId,
        JSON.stringify(settled),
        now,
        String(Date.parse(now)),
        bound.provider,
        toJsonRows(credentials),
      ];
      const repeated = run<{ repeated: boolean }>(em, repeatLogin, values);
      // Behind it, so that nobody is waited for while a chain is held.
      audit.reserve([bound.identityId]);
      const [row] = await repeated;
      return row === undefined ? null : { session, token };
    },
    async admit(subject, bounds, settled) {
      const { session, token, credentials } = newSession(subject.identityId, subject.provider, subject.lastLoginAt, bounds);
      const rows = await run<{ bound: boolean }>(em, admitSubject, [
        toJsonRows(credentials),
        subject.provider,
        subject.issuer,
        subject.subject,
        subject.identityId,
        subject.boundAt,
        subject.lastLoginAt,
        subject.nameIdFormat,
        JSON.stringify(subject.keys),
        settled === null ? null : JSON.stringify({ claims: settled.claims, configuration: settled.configuration, decidedAt: settled.decidedAt }),
        settled?.recordId ?? null,
      ]);
      return rows[0] === undefined ? null : { bound: rows[0].bound, session, token };
    },
    ofRecord: async ({ source, externalId }) => {
      const [row] = await run<{ subject: string }>(
        em,
        `select to_json(s)::text as subject from login_subject s where provider = $1 and issuer || '|' || subject = $2`,
        [source, externalId],
      );
      return row === undefined ? null : fromJsonRow(JSON.parse(row.subject) as Readonly<Record<string, unknown>>);
    },
    setPending: async ({ issuer, subject }, pending) => void (await em.nativeUpdate(LoginSubjectRow, { issuer, subject }, { pending })),
    setSaid: async ({ issuer, subject }, keys, nameIdFormat) =>
      void (await em.nativeUpdate(LoginSubjectRow, { issuer, subject }, { keys, nameIdFormat, pending: null })),
    confirm: ({ recordId, identityId, provider }, by, now) => send(em, confirmLogin, [recordId, identityId, provider, by, now]),
    async isConfirmed(identityId, provider, recordId) {
      const [row] = await run<{ confirmed: boolean }>(em, isConfirmed, [identityId, provider, saidByHand, recordId]);
      return row?.confirmed === true;
    },
    async ofPeople(identityIds) {
      const rows = await run<{ login: string }>(em, loginsOfPeople, [identityIds, saidByHand]);
      return rows.map(({ login }) => fromJsonRow(JSON.parse(login) as Readonly<Record<string, unknown>>));
    },
    async end(subject, recordId, now) {
      if (subject !== null) await em.nativeDelete(LoginSubjectRow, { issuer: subject.issuer, subject: subject.subject });
      if (recordId !== null) await send(em, retireRecord, [recordId, now]);
    },
  };
}

const takeAnswer = `with
request as (delete from login_request where id = $1 returning *),
used as (insert into consumed_assertion (issuer, assertion_id, expires_at) select $2::text, $3::text, $4::timestamptz where $3::text is not null
  on conflict do nothing returning issuer)
select (select to_json(request)::text from request) as request, exists (select from used) as first,
  (select json_build_object('provider', s.provider, 'identityId', i.id, 'state', i.state, 'next', i.lifecycle->'next', 'inactivity', i.lifecycle->'inactivity',
      'nameIdFormat', s.name_id_format, 'recordId', r.id, 'said', coalesce(s.keys, r.facts, '{}'), 'pending', s.pending, 'timeZone', i.time_zone, 'settled', s.settled)::text
    from login_subject s join identity i on i.id = s.identity_id left join source_record r on r.source = s.provider and r.external_id = s.issuer || '|' || s.subject
    where s.issuer = $2::text and s.subject = $5::text) as bound`;

// A row that was updated has an xmax.
const admitSubject = `with
${insertedSession},
known as (
  insert into login_subject (issuer, subject, provider, identity_id, bound_at, last_login_at, name_id_format, keys, settled)
    select $3, $4, $2, $5::uuid, $6, $7, $8, $9::jsonb, $10::jsonb || (select jsonb_build_object('revision', i.revision, 'inputs', ${inputVersions('i.id', '$11::uuid')})
      from identity i where i.id = $5::uuid and $10::jsonb is not null)
  on conflict (issuer, subject) do update set last_login_at = excluded.last_login_at, name_id_format = excluded.name_id_format, keys = excluded.keys, pending = null,
      settled = excluded.settled
    where login_subject.provider = excluded.provider and login_subject.identity_id = excluded.identity_id
  returning xmax = 0 as bound)
select bound from known`;

/**
 * The record, the person and the binding were written together by the last login and by nobody since (`xmin`), and so were all other rows that a
 * decision reads. Two that change the person take turns: the second one finds another revision, and nothing is written.
 */
const repeatLogin = `with
touched as (
  update identity i set revision = i.revision + 1, decided_at = $6::timestamptz, last_activity_at = $6::timestamptz
  from login_subject s, source_record r
  where s.issuer = $1 and s.subject = $2 and s.provider = $8 and s.identity_id = $3::uuid and s.pending is null and s.settled = $5::jsonb
    and r.id = $4::uuid and r.identity_id = s.identity_id and r.source = s.provider and r.external_id = s.issuer || '|' || s.subject
    and i.id = s.identity_id and i.revision = ($5::jsonb->>'revision')::int and i.xmin::text = s.xmin::text and r.xmin::text = s.xmin::text
    and i.state = 'active' and i.decided_at < $6::timestamptz and r.recorded_at < $6::timestamptz and i.last_activity_at <= $6::timestamptz
    and (i.next_wake_up is null or i.next_wake_up > $6::timestamptz)
    and i.policy_version = (select max(version) from policy_version)
    and not exists (select from case_file c where c.identity_id = i.id and c.status = 'open')
    and ${inputVersions('s.identity_id', 'r.id')} = $5::jsonb->>'inputs'
  returning i.id),
noted as (update source_record set version = $7, recorded_at = $6::timestamptz from touched where source_record.id = $4::uuid),
known as (
  update login_subject set last_login_at = $6::timestamptz, settled = settled || jsonb_build_object('revision', ($5::jsonb->>'revision')::int + 1)
  from touched where issuer = $1 and subject = $2),
made as (${insertCredentials("(select case when exists (select from touched) then $9 else '[]' end)")} returning id, kind),
opened as (insert into session (id, provider) select id, $8 from made where kind = 'session')
select true as repeated from touched`;

const confirmLogin = `insert into login_confirmation (record_id, identity_id, provider, confirmed_by, confirmed_at)
  values ($1::uuid, $2::uuid, $3, $4, $5::timestamptz)
  on conflict (record_id) do update set identity_id = excluded.identity_id, provider = excluded.provider, confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at`;

/** Nothing but the provider has ever said anything of the person. */
const saidAlone = (person: string, provider: string, byHand: string): string =>
  `not exists (select from source_record where identity_id = ${person} and withdrawn_at is null and source <> ${provider} and source <> all(${byHand}::text[]))`;

// A confirmation is of one login: another one of the same person and provider does not profit from it.
const confirmedLogins = `select s.issuer, s.subject, c.record_id, c.identity_id, c.provider from login_confirmation c join source_record r on r.id = c.record_id
  left join login_subject s on s.provider = r.source and s.identity_id = c.identity_id and s.issuer || '|' || s.subject = r.external_id`;

const isConfirmed = `select exists (select from (${confirmedLogins}) c where c.identity_id = $1::uuid and c.provider = $2
    and case when $4::uuid is null then c.subject is not null else c.record_id = $4::uuid end)
  or ${saidAlone('$1::uuid', '$2', '$3')} as confirmed`;

const loginsOfPeople = `select json_build_object('issuer', s.issuer, 'subject', s.subject, 'provider', s.provider, 'identity_id', s.identity_id, 'bound_at', s.bound_at,
    'last_login_at', s.last_login_at, 'name_id_format', s.name_id_format, 'keys', s.keys,
    'is_confirmed', exists (select from (${confirmedLogins}) c where c.identity_id = s.identity_id and c.issuer = s.issuer and c.subject = s.subject)
      or ${saidAlone('s.identity_id', 's.provider', '$2')})::text as login
  from login_subject s where s.identity_id = any($1::uuid[]) order by s.bound_at, s.provider`;

// Under another name, so that the login is a stranger's when it comes again. No issuer is called so.
const retireRecord = `with confirmation as (delete from login_confirmation where record_id = $1::uuid)
  update source_record set external_id = 'ended|' || id, withdrawn_at = coalesce(withdrawn_at, $2::timestamptz) where id = $1::uuid`;
