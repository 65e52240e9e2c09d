import type { EntityManager } from '@mikro-orm/postgresql';
import type { EndedWith, Instant } from '@tenure/domain';
import { SeparationExceptionRow } from './entities.ts';
import { fromJsonRow } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** What the owner of a rule lets a person hold together though nobody asked for it, with why. */
export interface StoredSeparationException {
  readonly id: string;
  readonly identityId: string;
  /** By which it was found to be needed. */
  readonly caseId: string;
  readonly rule: string;
  /** What may be held together, and nothing besides. */
  readonly names: readonly string[];
  /** What is done instead of separating. */
  readonly control: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly validFrom: Instant;
  /** Exclusive. */
  readonly validUntil: Instant;
  /** When it was taken back; `null`: it was not. */
  readonly revokedAt: Instant | null;
  /** With which time of the person it ended, where that may go on after all; absent and `null`: it has not, or for good. */
  readonly endedWith?: EndedWith | null;
}

/** An exception that is in force, whichever way it came about. */
export type ExceptionInForce = Omit<StoredSeparationException, 'caseId' | 'reason' | 'grantedBy' | 'revokedAt' | 'endedWith'> & {
  /** `null`: it was asked for, and its approvers stand in the request. */
  readonly grantedBy: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
};

export interface SeparationExceptions {
  insert(exception: StoredSeparationException): Promise<void>;
  get(id: string): Promise<StoredSeparationException | null>;
  /** Of this person: those whose time is over too, which allow nothing any more, and those that ended with the person's time and come back with it. */
  toDecideAbout(identityId: string): Promise<readonly StoredSeparationException[]>;
  /** Ends it for good. */
  revoke(id: string, now: Instant): Promise<void>;
  /** Ends it with the person's time. */
  endWith(id: string, endedWith: EndedWith, now: Instant): Promise<void>;
  /** Restores an exception that had ended with the person's last relationship. */
  restore(id: string): Promise<void>;
  /** Everything that is held together by somebody's word at this instant, the newest first. */
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
    toDecideAbout: async (identityId) =>
      (await em.find(
        SeparationExceptionRow,
        { identityId, $or: [{ revokedAt: null }, { endedWith: { $ne: null } }] },
        { ...plain, orderBy: { id: 'asc' } },
      )) as StoredSeparationException[],
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

// One item may be let through by the exceptions of several rules: each has an id of its own that stays the same.
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
