import type { EntityManager } from '@mikro-orm/postgresql';
import { EXTENSION_SOURCE, type Instant, type Lifecycle, type LifecycleState, NOTHING_STATED, OPERATOR_SOURCE, type SourceFacts } from '@tenure/domain';
import { LoginSubjectRow } from '../identities/entities.ts';
import { decisionsLock } from '../access/access.ts';
import type { Audit } from '../audit/audit.ts';
import type { Vault } from '../audit/vault.ts';
import type { KeysOfLogin, LoginSubject, PendingLogin, SettledBy, SettledLogin } from './login-subject.ts';
import { inputVersions } from '../identities/people.ts';
import { lockRecords } from '../identities/records.ts';
import { fromJsonRow, toJsonRows } from '../database/rows.ts';
import { insertedSession, insertSession, type LoginRequest, newSession, type Session, type SessionBounds, storedSource } from './sessions.ts';
import { insertCredentials } from '../tokens/credentials.ts';
import { run, send } from '../database/statement.ts';

/** Binding of an issuer's subject, with the lifecycle state of the identity. */
export interface BoundSubject extends Pick<LoginSubject, 'provider' | 'identityId' | 'nameIdFormat'> {
  readonly state: LifecycleState;
  readonly next: Lifecycle['next'];
  /** Inactivity of the person, where the policy monitors it. */
  readonly inactivity: Lifecycle['inactivity'] | null;
  /** Id of the login's own record; `null`: it has none. */
  readonly recordId: string | null;
  /** Last statement: the correlation keys, or, for subjects bound before keys were stored, all facts of the record. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly pending: PendingLogin | null;
  /** Time zone (IANA name) of the last decision. */
  readonly timeZone: string;
  /** Basis of the last decided login; `null`: the next one is decided. */
  readonly settled: SettledLogin | null;
}

/** A login with the same claims as the subject's last one. */
export interface RepeatedLogin {
  readonly issuer: string;
  readonly subject: string;
  readonly bound: Pick<BoundSubject, 'provider' | 'identityId'>;
  readonly recordId: string;
  readonly settled: SettledLogin;
  /** Facts of the authentication; absent: nothing is stated. */
  readonly source?: SourceFacts;
}

/** Stored data about an answer of a provider when it arrives. */
export interface AnsweredLogin {
  /** The login that it answers; `null` when there is none, it was answered already, or it has expired. */
  readonly request: LoginRequest | null;
  /** True if the assertion was not used before, or there is none. */
  readonly isFirstUse: boolean;
  readonly bound: BoundSubject | null;
}

/** Reads and writes of a login: one statement before its decision, one after. */
export interface Logins {
  /** Consumes the request and the assertion of an answer. Of concurrent answers, in any processes, one succeeds. */
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
   * Records a login with the same claims as the last one and opens a session, if nothing that the decision was based on has changed since: the rows
   * of the person, the record and the binding are then as after a decision. Checked while the person is locked, so that a concurrent end,
   * suspension, case or record is either seen, or waits and finds the session.
   * @returns `null`: something has changed, so the login needs a decision; nothing was written
   */
  repeat(login: RepeatedLogin, bounds: SessionBounds, now: Instant): Promise<{ readonly session: Session; readonly token: string } | null>;
  /**
   * Binds the subject, or records its login, and opens a session.
   * @param settled basis of the decision, where an equal login needs no new one; `null`: the next login is decided
   * @returns `bound`: true if it was bound now; `null` when the subject is bound to somebody else or through another provider
   */
  admit(
    subject: LoginSubject,
    bounds: SessionBounds,
    settled: (SettledBy & { readonly recordId: string }) | null,
    source?: SourceFacts,
  ): Promise<{ readonly bound: boolean; readonly session: Session; readonly token: string } | null>;

  /** Binding of the login with this record (source and externalId); `null`: none. */
  ofRecord(record: { readonly source: string; readonly externalId: string }): Promise<(LoginSubject & { readonly pending: PendingLogin | null }) | null>;
  /** Stores the keys that need a human decision before the subject may log in again; `null`: none any more. */
  setPending(subject: Pick<LoginSubject, 'issuer' | 'subject'>, pending: PendingLogin | null): Promise<void>;
  /** Stores the keys of a subject as its last statement. */
  setSaid(subject: Pick<LoginSubject, 'issuer' | 'subject'>, keys: KeysOfLogin, nameIdFormat: string | null): Promise<void>;
  /** Confirms the identity of a login. @param by kind and id of the confirming actor */
  confirm(record: { readonly recordId: string; readonly identityId: string; readonly provider: string }, by: string, now: Instant): Promise<void>;
  /**
   * True if the identity of a login of this provider does not rest on the provider's statement alone: somebody has confirmed it, or the person
   * is known from this provider only.
   * @param recordId record of the current login; `null`: the bound login counts
   */
  isConfirmed(identityId: string, provider: string, recordId: string | null): Promise<boolean>;
  /** Bindings of all these people. `isConfirmed`: as in `isConfirmed` above. */
  ofPeople(identityIds: readonly string[]): Promise<readonly (LoginSubject & { readonly isConfirmed: boolean })[]>;
  /**
   * Ends a binding: the subject is unknown from now on.
   * @param recordId its record, which is withdrawn and no longer found by issuer and subject; `null`: it has none
   */
  end(subject: Pick<LoginSubject, 'issuer' | 'subject'> | null, recordId: string | null, now: Instant): Promise<void>;
}

/** Sources of manual entries: made about a known identity, they are no independent evidence of who it is. */
const saidByHand: readonly string[] = [OPERATOR_SOURCE, EXTENSION_SOURCE];

export function createLogins(em: EntityManager, audit: Pick<Audit, 'reserve'>, vault: Vault): Logins {
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
    async repeat({ issuer, subject, bound, recordId, settled, source = NOTHING_STATED }, bounds, now) {
      const { session, token, credentials } = newSession(bound.identityId, bound.provider, now, bounds, source);
      // Locks as every decision does, and in the same order: policy version, record, person.
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
        storedSource(source, vault),
      ];
      const repeated = run<{ repeated: boolean }>(em, repeatLogin, values);
      // After the statement, so that nothing is waited for while a chain is locked.
      audit.reserve([bound.identityId]);
      const [row] = await repeated;
      return row === undefined ? null : { session, token };
    },
    async admit(subject, bounds, settled, source = NOTHING_STATED) {
      const { session, token, credentials } = newSession(subject.identityId, subject.provider, subject.lastLoginAt, bounds, source);
      const rows = await run<{ bound: boolean }>(em, admitSubject, [
        toJsonRows(credentials),
        subject.provider,
        storedSource(source, vault),
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

// An updated row has an xmax, an inserted one has none.
const admitSubject = `with
${insertedSession},
known as (
  insert into login_subject (issuer, subject, provider, identity_id, bound_at, last_login_at, name_id_format, keys, settled)
    select $4, $5, $2, $6::uuid, $7, $8, $9, $10::jsonb, $11::jsonb || (select jsonb_build_object('revision', i.revision, 'inputs', ${inputVersions('i.id', '$12::uuid')})
      from identity i where i.id = $6::uuid and $11::jsonb is not null)
  on conflict (issuer, subject) do update set last_login_at = excluded.last_login_at, name_id_format = excluded.name_id_format, keys = excluded.keys, pending = null,
      settled = excluded.settled
    where login_subject.provider = excluded.provider and login_subject.identity_id = excluded.identity_id
  returning xmax = 0 as bound)
select bound from known`;

/**
 * Statement that repeats a login: the record, the person and the binding were last written together by the last login (`xmin`), and all other
 * rows that a decision reads are unchanged since. Concurrent changes of the person are serialized: the second finds another revision, and
 * nothing is written.
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
opened as (${insertSession("made where kind = 'session'", '$8', '$10')})
select true as repeated from touched`;

const confirmLogin = `insert into login_confirmation (record_id, identity_id, provider, confirmed_by, confirmed_at)
  values ($1::uuid, $2::uuid, $3, $4, $5::timestamptz)
  on conflict (record_id) do update set identity_id = excluded.identity_id, provider = excluded.provider, confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at`;

/** Condition that is true if no source but the provider, apart from manual entries, has a record of the person. */
const saidAlone = (person: string, provider: string, byHand: string): string =>
  `not exists (select from source_record where identity_id = ${person} and withdrawn_at is null and source <> ${provider} and source <> all(${byHand}::text[]))`;

// A confirmation is valid for one login, not for another one of the same person and provider.
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

// The record is renamed, so that the login is unknown when it recurs. No issuer has this name.
const retireRecord = `with confirmation as (delete from login_confirmation where record_id = $1::uuid)
  update source_record set external_id = 'ended|' || id, withdrawn_at = coalesce(withdrawn_at, $2::timestamptz) where id = $1::uuid`;
