import type { EntityManager } from '@mikro-orm/postgresql';
import type { CaseContent, CaseKind, Instant } from '@tenure/domain';
import type { CaseFile } from './cases.ts';
import { fromJsonRow } from '../database/rows.ts';
import { run } from '../database/statement.ts';

/** A kind of case, or an item of a request that waits for approval. */
export type InboxKind = CaseKind | 'request-approval';

/** Kind and evidence of an item of a request that waits for approval. */
interface ApprovalContent {
  readonly kind: 'request-approval';
  readonly evidence: {
    readonly requestId: string;
    readonly itemId: string;
    readonly kind: 'role' | 'entitlement';
    readonly name: string;
    readonly duration: string;
    readonly stage: string | null;
    readonly requestedBy: string;
  };
}

/** Kind of a task that needs a human decision, with its evidence. */
export type InboxContent = CaseContent | ApprovalContent;

/** A task that needs a human decision: a case, or an open approval of a request. */
export type InboxCase = CaseFile & InboxContent;

/** An inbox case of one kind. */
export type InboxCaseOf<K extends InboxKind> = InboxCase & { readonly kind: K };

/** A person with the rights by which they may answer cases: in person, by their access, on behalf of others, as an operator. */
export interface Answerer {
  readonly id: string;
  /** People whose deputy they are, with the access of those, and everybody who passed the delegation on: cases about these are excluded. */
  readonly inPlaceOf: readonly { readonly id: string; readonly through: readonly string[]; readonly holds: readonly string[] }[];
  /** Roles and entitlements that they have. */
  readonly holds: readonly string[];
  /** True if they may answer cases without an owner. */
  readonly isOperator: boolean;
}

export interface InboxFilter {
  readonly status?: 'open' | 'closed';
  readonly kinds?: readonly InboxKind[];
  readonly identityId?: string;
  readonly target?: string;
  readonly ownerId?: string;
  readonly claimedBy?: string;
  readonly isClaimed?: boolean;
  readonly isEscalated?: boolean;
  /** Only open cases whose deadline is before this instant. */
  readonly overdueAt?: Instant;
  /** Part of the evidence (rules, names, codes), or of the name of the person it is about. */
  readonly text?: string;
  /** Rule of the policy that the evidence names. */
  readonly rule?: string;
  readonly for?: Answerer;
}

export interface InboxCount {
  readonly kind: InboxKind;
  readonly status: 'open' | 'closed';
  readonly count: number;
  /** Number of open cases whose deadline has passed. */
  readonly overdue: number;
}

/** Inbox: all tasks that need or needed a human decision. */
export interface Inbox {
  /** A page of inbox cases, the newest first. */
  page(filter: InboxFilter, limit: number, before: { at: Instant; id: string } | null): Promise<readonly InboxCase[]>;
  /** Counts by kind and status, read in one statement. */
  counts(filter: InboxFilter, now: Instant): Promise<readonly InboxCount[]>;
  get(id: string): Promise<InboxCase | null>;
  /** Ids of those of these cases that they may answer. */
  areFor(ids: readonly string[], answerer: Answerer): Promise<ReadonlySet<string>>;
}

export function createInbox(em: EntityManager): Inbox {
  return {
    async page(filter, limit, before) {
      const { where, values } = conditions(filter);
      if (before !== null) where.push(`(c.opened_at, c.id) < (${bind(values, before.at)}::timestamptz, ${bind(values, before.id)}::uuid)`);
      const rows = await run<{ found: string | Row }>(
        em,
        `select to_json(c) as found from inbox c where ${where.join(' and ')} order by c.opened_at desc, c.id desc limit ${bind(values, limit)}`,
        values,
      );
      return rows.map(({ found }) => toInboxCase(found));
    },
    async counts(filter, now) {
      const { where, values } = conditions(filter);
      const rows = await run<{ kind: InboxKind; status: 'open' | 'closed'; count: number; overdue: number }>(
        em,
        `select c.kind, c.status, count(*)::int as count, count(*) filter (where c.status = 'open' and c.deadline < ${bind(values, now)}::timestamptz)::int as overdue
         from inbox c where ${where.join(' and ')} group by c.kind, c.status order by c.kind, c.status`,
        values,
      );
      return rows.map(({ kind, status, count, overdue }) => ({ kind, status, count, overdue }));
    },
    async get(id) {
      const [row] = await run<{ found: string | Row }>(em, 'select to_json(c) as found from inbox c where c.id = $1', [id]);
      return row === undefined ? null : toInboxCase(row.found);
    },
    async areFor(ids, answerer) {
      if (ids.length === 0) return new Set();
      const { where, values } = conditions({ for: answerer });
      const rows = await run<{ id: string }>(em, `select c.id from inbox c where c.id = any(${bind(values, ids)}::uuid[]) and ${where.join(' and ')}`, values);
      return new Set(rows.map(({ id }) => id));
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

function toInboxCase(found: string | Row): InboxCase {
  const { deadline, ...row } = typeof found === 'string' ? (JSON.parse(found) as Row) : found;
  return { ...fromJsonRow<InboxCase>(row), deadline: typeof deadline === 'string' ? new Date(deadline).toISOString() : null };
}

function bind(values: unknown[], value: unknown): string {
  return `$${values.push(value)}`;
}

function conditions(filter: InboxFilter): { where: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const where: string[] = ['true'];
  const equal = (column: string, value: string | undefined): void => {
    if (value !== undefined) where.push(`c.${column} = ${bind(values, value)}`);
  };
  equal('status', filter.status);
  equal('identity_id', filter.identityId);
  equal('target', filter.target);
  equal('owner_id', filter.ownerId);
  equal('claimed_by', filter.claimedBy);
  if (filter.rule !== undefined) where.push(`c.evidence->>'rule' = ${bind(values, filter.rule)}`);
  if (filter.kinds !== undefined) where.push(`c.kind = any(${bind(values, filter.kinds)}::text[])`);
  if (filter.isClaimed !== undefined) where.push(`c.claimed_by is ${filter.isClaimed ? 'not null' : 'null'}`);
  if (filter.isEscalated !== undefined) where.push(`c.level ${filter.isEscalated ? '> 0' : '= 0'}`);
  if (filter.overdueAt !== undefined) where.push(`c.status = 'open' and c.deadline < ${bind(values, filter.overdueAt)}::timestamptz`);
  if (filter.text !== undefined) {
    const part = bind(values, `%${filter.text.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`);
    // Names of people are searched only for those who may read them.
    const byName =
      filter.for === undefined || filter.for.isOperator
        ? ` or exists (select 1 from identity s where s.id = c.identity_id and s.search_text like ${part})`
        : '';
    where.push(`(lower(c.evidence::text) like ${part}${byName})`);
  }
  if (filter.for !== undefined) where.push(isFor(filter.for, values));
  return { where, values };
}

/** Condition for cases that a person may answer: for those about themselves only as the owner by name, who is chosen with that in mind. */
function isFor({ id, inPlaceOf, holds, isOperator }: Answerer, values: unknown[]): string {
  const me = bind(values, id);
  const others =
    inPlaceOf.length === 0
      ? ''
      : `or exists (select 1 from jsonb_to_recordset(${bind(values, JSON.stringify(inPlaceOf))}::jsonb) p (id uuid, through uuid[], holds text[])
          where (c.owner_id = p.id or c.owner_group = any(p.holds) or ${isReviewer('p.id')}) and (c.identity_id is null or c.identity_id <> all(p.through)))`;
  return `(c.owner_id = ${me}::uuid
    or (c.kind <> 'request-approval' and c.identity_id is distinct from ${me}::uuid
      and (c.owner_group = any(${bind(values, holds)}::text[]) or ${isReviewer(`${me}::uuid`)} ${others}))
    ${isOperator ? `or (c.kind <> 'request-approval' and c.owner_id is null and c.owner_group is null)` : ''}
    or (c.kind = 'request-approval' and exists (
      select 1 from request_approver a join request_item i on i.id = a.item_id and i.stage = a.stage
      where a.item_id = c.id and a.approver_id = ${me}::uuid and a.ended_at is null and not exists (
        select 1 from request_answer w where w.item_id = a.item_id and w.stage = a.stage and w.given_by = a.approver_id and w.outcome = 'counted'))))`;
}

/** Condition for reviews of break-glass access that a person may answer: all reviewers may, not only the current owner. */
function isReviewer(person: string): string {
  // The order of evaluation is not defined: without `case`, evidence of another kind could be read as an id.
  const item = `case when c.kind = 'break-glass-review' then (c.evidence->>'itemId')::uuid end`;
  return `(c.kind = 'break-glass-review' and exists (
    select 1 from request_approver r where r.item_id = ${item} and r.approver_id = ${person} and r.ended_at is null))`;
}
