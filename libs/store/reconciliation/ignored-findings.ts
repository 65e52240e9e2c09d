import type { EntityManager } from '@mikro-orm/postgresql';
import type { FindingKind, Instant } from '@tenure/domain';
import { readRows } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** Findings that are ignored until a date: one finding, or all of a kind and name in a target. */
export interface IgnoredFindings {
  readonly id: string;
  readonly target: string;
  readonly kind: FindingKind;
  /** Name of the group or attribute; `null`: every name. */
  readonly name: string | null;
  /** The one finding; `null`: all of this kind and name, also later ones. */
  readonly findingId: string | null;
  readonly until: Instant;
  readonly reason: string;
  /** Id of the identity that answers for it; `null`: nobody is named. */
  readonly ownerId: string | null;
  /** Kind and id of the actor. */
  readonly createdBy: string;
  readonly createdAt: Instant;
  /** When they were no longer ignored: the date was reached, the finding closed, or somebody stopped it; `null`: they are ignored. */
  readonly endedAt: Instant | null;
  /** Reason of the person who stopped it; `null`: nobody has. */
  readonly endReason: string | null;
}

export interface IgnoringOfFindings {
  add(ignored: IgnoredFindings): Promise<void>;
  get(id: string): Promise<IgnoredFindings | null>;
  end(id: string, reason: string, now: Instant): Promise<void>;
  /** Ends what is over: its date is reached, or its one finding is closed. @returns its targets */
  endOver(now: Instant): Promise<readonly string[]>;
  /** A page, the newest first. @param target absent: of every target */
  page(
    filter: { readonly target?: string; readonly isActive?: boolean },
    limit: number,
    before: { readonly at: Instant; readonly id: string } | null,
  ): Promise<readonly IgnoredFindings[]>;
}

export function createIgnoringOfFindings(em: EntityManager): IgnoringOfFindings {
  return {
    async add({ id, target, kind, name, findingId, until, reason, ownerId, createdBy, createdAt }) {
      await run(
        em,
        `insert into ignored_findings (id, target, kind, name, finding_id, until, reason, owner_id, created_by, created_at)
         values ($1::uuid, $2, $3, $4, $5::uuid, $6::timestamptz, $7, $8::uuid, $9, $10::timestamptz)`,
        [id, target, kind, name, findingId, until, reason, ownerId, createdBy, createdAt],
      );
    },
    get: async (id) => (await readRows<IgnoredFindings>(em, 'select * from ignored_findings where id = $1', [id]))[0] ?? null,
    end: async (id, reason, now) =>
      void (await run(em, 'update ignored_findings set ended_at = $2::timestamptz, end_reason = $3 where id = $1 and ended_at is null', [id, now, reason])),
    async endOver(now) {
      const rows = await run<{ target: string }>(
        em,
        `update ignored_findings g set ended_at = $1::timestamptz where ended_at is null
           and (until <= $1::timestamptz or exists (select 1 from finding f where f.id = g.finding_id and f.closed_at is not null)) returning target`,
        [now],
      );
      return [...new Set(rows.map(({ target }) => target))].sort();
    },
    page: ({ target, isActive }, limit, before) =>
      readRows(
        em,
        `select * from ignored_findings where ($1::text is null or target = $1) and ($2::boolean is null or (ended_at is null) = $2)
           and ($3::timestamptz is null or (created_at, id) < ($3::timestamptz, $4::uuid)) order by created_at desc, id desc limit $5`,
        [target ?? null, isActive ?? null, before?.at ?? null, before?.id ?? null, limit],
      ),
  };
}
