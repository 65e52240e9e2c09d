import type { EntityManager } from '@mikro-orm/postgresql';
import type { EndedWith, Instant } from '@tenure/domain';
import { SeparationExceptionRow } from './entities.ts';
import { fromJsonRow } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** An SoD exception: conflicting access that the owner of the SoD rule allows without a request, with the reason. */
export interface StoredSeparationException {
  readonly id: string;
  readonly identityId: string;
  /** Case in which the conflict was found. */
  readonly caseId: string;
  readonly rule: string;
  /** Names of the access that may be combined, and no other. */
  readonly names: readonly string[];
  /** Compensating control. */
  readonly control: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly validFrom: Instant;
  /** End of the exception, exclusive. */
  readonly validUntil: Instant;
  /** When it was revoked; `null`: it was not. */
  readonly revokedAt: Instant | null;
  /** End of the last relationship with which it ended, and on whose continuation it is restored; absent, `null`: not ended so, or for good. */
  readonly endedWith?: EndedWith | null;
}

/** An exception in force, by an owner's decision or by a request. */
export type ExceptionInForce = Omit<StoredSeparationException, 'caseId' | 'reason' | 'grantedBy' | 'revokedAt' | 'endedWith'> & {
  /** Actor that granted it; `null`: it was requested, and the request names its approvers. */
  readonly grantedBy: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
};

export interface SeparationExceptions {
  insert(exception: StoredSeparationException): Promise<void>;
  get(id: string): Promise<StoredSeparationException | null>;
  /** Ends an exception for good. */
  revoke(id: string, now: Instant): Promise<void>;
  /** Ends an exception with the person's last relationship. */
  endWith(id: string, endedWith: EndedWith, now: Instant): Promise<void>;
  /** Restores an exception that had ended with the person's last relationship. */
  restore(id: string): Promise<void>;
  /** Exceptions in force at this instant, by any decision, the newest first. */
  inForce(
    filter: { readonly rule?: string; readonly identityId?: string },
    limit: number,
    before: { at: Instant; id: string } | null,
    now: Instant,
  ): Promise<readonly ExceptionInForce[]>;
}

const plain = { disableIdentityMap: true } as const;

export function createSeparationExceptions(em: EntityManager): SeparationExceptions {
  return {
    insert: async (exception) => {
      await em.insert(SeparationExceptionRow, exception);
    },
    get: async (id) => (await em.findOne(SeparationExceptionRow, { id }, plain)) as StoredSeparationException | null,
    revoke: async (id, now) => {
      await em.nativeUpdate(SeparationExceptionRow, { id, $or: [{ revokedAt: null }, { endedWith: { $ne: null } }] }, { revokedAt: now, endedWith: null });
    },
    endWith: async (id, endedWith, now) => {
      await run(em, 'update separation_exception set revoked_at = coalesce(revoked_at, $2), ended_with = $3::jsonb where id = $1', [
        id,
        now,
        JSON.stringify(endedWith),
      ]);
    },
    restore: async (id) => {
      await em.nativeUpdate(SeparationExceptionRow, { id, endedWith: { $ne: null } }, { revokedAt: null, endedWith: null });
    },
    async inForce({ rule = null, identityId = null }, limit, before, now) {
      const rows = await run<{ found: string | Readonly<Record<string, unknown>> }>(em, readInForce, [
        now,
        rule,
        identityId,
        before?.at ?? null,
        before?.id ?? null,
        limit,
      ]);
      return rows.map(({ found }) =>
        fromJsonRow<ExceptionInForce>(typeof found === 'string' ? (JSON.parse(found) as Readonly<Record<string, unknown>>) : found),
      );
    },
  };
}

// One item may be allowed by exceptions of several rules: each has a stable id of its own.
const readInForce = `select to_json(e) as found from (
    select id, identity_id, rule, names, control, reason, granted_by, valid_from, valid_until, null::uuid as request_id
      from separation_exception where revoked_at is null
    union all
    select md5(i.id::text || (x.one->>'rule'))::uuid, i.identity_id, x.one->>'rule', x.one->'names', x.one->>'control', null, null, i.valid_from, i.valid_until, i.request_id
      from request_item i cross join lateral jsonb_array_elements(i.exceptions) x (one) where i.status = 'approved'
  ) e
  where e.valid_from <= $1::timestamptz and e.valid_until > $1::timestamptz and ($2::text is null or e.rule = $2) and ($3::uuid is null or e.identity_id = $3)
    and ($4::timestamptz is null or (e.valid_from, e.id) < ($4::timestamptz, $5::uuid))
  order by e.valid_from desc, e.id desc limit $6::int`;
