import { randomBytes } from 'node:crypto';
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

/** People at applications: their names there, and when they used them. */
export interface ApplicationPeople {
  /** Random name of a person at an application, given at the first call and never to anybody else. */
  subjectOf(application: string, identityId: string, now: Instant): Promise<string>;
  /** Person with this name at the application; `null`: nobody has it. */
  withSubject(application: string, subject: string): Promise<string | null>;
  /** Records an entry, for each entitlement by which the person may enter; none: by the rule of the application. */
  noteEntry(application: string, identityId: string, entitlements: readonly string[], now: Instant): Promise<void>;
  /** Uses of all these people. */
  usesOf(identityIds: readonly string[]): Promise<readonly ApplicationUse[]>;
}

export function createApplicationPeople(em: EntityManager): ApplicationPeople {
  return {
    async subjectOf(application, identityId, now) {
      const made = randomBytes(24).toString('base64url');
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
