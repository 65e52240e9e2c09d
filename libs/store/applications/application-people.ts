import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { readRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** Use of an application by a person, by an entitlement that lets them in; `''`: by the rule of the application. */
export interface ApplicationUse {
  readonly application: string;
  readonly identityId: string;
  readonly entitlement: string;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  readonly entries: number;
}

/** Claim to an address by which an application knows people: `taken`: the application received it for somebody else; `refused`: and a person decided against this one. */
export type AddressClaim = 'given' | 'taken' | 'refused';

/** People at applications: their names there, and when they used them. */
export interface ApplicationPeople {
  /**
   * Name of a person at an application, given at the first call and never to anybody else. @param first name to give if there is none yet; absent: a
   * random one
   */
  subjectOf(application: string, identityId: string, now: Instant, first?: string): Promise<string>;
  /** Person with this name at the application; `null`: nobody has it. */
  withSubject(application: string, subject: string): Promise<string | null>;
  /**
   * Claims an e-mail address as the name of a person at an application; letters are compared without case. The first person to claim it has it, also
   * of those who claim it at the same time.
   */
  claimAddress(application: string, address: string, identityId: string, now: Instant): Promise<AddressClaim>;
  /** Digest by which an address is compared and referred to: it is not stored. */
  addressHash(application: string, address: string): string;
  /** People who have, had or were refused an address at an application. */
  peopleWithAddress(application: string, addressHash: string): Promise<readonly string[]>;
  /** Passes an address on to a person, or refuses it to them for good. */
  decideAddress(application: string, addressHash: string, identityId: string, mayBeSent: boolean, now: Instant): Promise<void>;
  /** Records an entry, for each entitlement by which the person may enter; none: by the rule of the application. */
  noteEntry(application: string, identityId: string, entitlements: readonly string[], now: Instant): Promise<void>;
  /** Uses of all these people. */
  usesOf(identityIds: readonly string[]): Promise<readonly ApplicationUse[]>;
}

export function createApplicationPeople(em: EntityManager): ApplicationPeople {
  return {
    async subjectOf(application, identityId, now, first) {
      const made = first ?? randomBytes(24).toString('base64url');
      const rows = await run<{ subject: string }>(
        em,
        `with made as (insert into application_subject (application, identity_id, subject, given_at) values ($1, $2::uuid, $3, $4::timestamptz)
           on conflict (application, identity_id) do nothing returning subject)
         select subject from made union all select subject from application_subject where application = $1 and identity_id = $2::uuid`,
        [application, identityId, made, now],
      );
      const subject = rows[0]?.subject;
      // Given by a transaction that this one could not see when it began: the work starts again.
      if (subject === undefined) throw new Error('a name at an application was given at the same time');
      return subject;
    },
    withSubject: async (application, subject) =>
      (await run<{ identity_id: string }>(em, 'select identity_id from application_subject where application = $1 and subject = $2', [application, subject]))[0]
        ?.identity_id ?? null,
    addressHash,
    async claimAddress(application, address, identityId, now) {
      const hash = addressHash(application, address);
      const claimed = await run<{ identity_id: string }>(
        em,
        `insert into application_address (application, address_hash, identity_id, status, since)
         select $1, $2, $3::uuid, 'given', $4::timestamptz
         where not exists (select from application_address where application = $1 and address_hash = $2)
         on conflict do nothing returning identity_id`,
        [application, hash, identityId, now],
      );
      if (claimed.length > 0) return 'given';
      // By a statement of its own, which sees the claim that the first one met.
      const [own] = await run<{ status: string }>(
        em,
        'select status from application_address where application = $1 and address_hash = $2 and identity_id = $3::uuid',
        [application, hash, identityId],
      );
      return own?.status === 'given' || own?.status === 'refused' ? own.status : 'taken';
    },
    async peopleWithAddress(application, hash) {
      const rows = await run<{ identity_id: string }>(
        em,
        'select identity_id from application_address where application = $1 and address_hash = $2 order by since, identity_id',
        [application, hash],
      );
      return rows.map((row) => row.identity_id);
    },
    async decideAddress(application, hash, identityId, mayBeSent, now) {
      if (mayBeSent)
        await run(
          em,
          `update application_address set status = 'passed-on', since = $3::timestamptz where application = $1 and address_hash = $2 and status = 'given' returning 1`,
          [application, hash, now],
        );
      await run(
        em,
        `insert into application_address (application, address_hash, identity_id, status, since) values ($1, $2, $3::uuid, $4, $5::timestamptz)
         on conflict (application, address_hash, identity_id) do update set status = excluded.status, since = excluded.since returning 1`,
        [application, hash, identityId, mayBeSent ? 'given' : 'refused', now],
      );
    },
    async noteEntry(application, identityId, entitlements, now) {
      await run(
        em,
        `insert into application_use (application, identity_id, entitlement, first_at, last_at, entries)
         select $1, $2::uuid, e, $4::timestamptz, $4::timestamptz, 1 from unnest($3::text[]) e
         on conflict (identity_id, application, entitlement) do update set last_at = greatest(application_use.last_at, excluded.last_at), entries = application_use.entries + 1
         returning 1`,
        [application, identityId, entitlements.length === 0 ? [''] : [...entitlements].sort(), now],
      );
    },
    usesOf: (ids) => readRows(em, 'select * from application_use where identity_id = any($1::uuid[]) order by application, entitlement', [ids]),
  };
}

function addressHash(application: string, address: string): string {
  return createHash('sha256').update(`${application}\n${address.trim().toLowerCase()}`).digest('hex');
}
