import type { EntityManager } from '@mikro-orm/postgresql';
import type { ApprovalStage, AskedException, EndedWith, Instant, ItemProgress } from '@tenure/domain';
import { AccessRequestRow, RequestAnswerRow, RequestApproverRow, RequestItemRow } from './entities.ts';
import { run } from '../database/statement.ts';

/** A request for access, for oneself or for another person. */
export interface AccessRequest {
  readonly id: string;
  /** Person who is to get the access. */
  readonly identityId: string;
  readonly requestedBy: string;
  readonly justification: string;
  /** Status; `closed`: every item has been decided or withdrawn. */
  readonly status: 'open' | 'closed';
  readonly correlationId: string;
  readonly createdAt: Instant;
  readonly closedAt: Instant | null;
  /** Next evaluation without an event: a reminder, a deadline, the begin or end of a delegation. */
  readonly nextAt: Instant | null;
  /** Dependencies of the choice of approvers: ids of people, active or not, and names of roles and entitlements. */
  readonly dependsOn: readonly string[];
}

/** Status of an item. `ended`: it has expired, or the person left. `dropped`: its owner removed it after a move. */
export type RequestItemStatus = 'open' | 'approved' | 'denied' | 'withdrawn' | 'returned' | 'dropped' | 'ended';

/** One role or entitlement of a request, decided separately. */
export interface RequestItem extends ItemProgress {
  readonly id: string;
  readonly requestId: string;
  readonly position: number;
  readonly identityId: string;
  readonly kind: 'role' | 'entitlement';
  readonly name: string;
  /** Rule of the policy under which it was requested. */
  readonly rule: string;
  readonly policyVersion: number;
  /** Duration in ISO 8601, counted from approval. */
  readonly duration: string;
  readonly exceptions: readonly AskedException[];
  readonly stages: readonly ApprovalStage[];
  /** Item that it extends. */
  readonly extends: string | null;
  readonly status: RequestItemStatus;
  /** Reason of the status: `denied`, `deadline`, `nobody`, `not-allowed`, `separation`, or a lifecycle state. */
  readonly reason: string | null;
  readonly decidedAt: Instant | null;
  readonly validFrom: Instant | null;
  readonly validUntil: Instant | null;
  readonly endedAt: Instant | null;
  readonly keptAt: Instant | null;
  /** True if it is break-glass access, taken without approval; `rule` is one of `breakGlass` in the policy. */
  readonly isBreakGlass: boolean;
  /** When the person is notified of its end; `null`: at the default time before it. */
  readonly endNoticeAt: Instant | null;
  /** Result of the review of break-glass access. */
  readonly review: 'justified' | 'not-justified' | null;
  readonly reviewComment: string | null;
  /** Reviewer; `null` while the review waits, and where an operator's token was used. */
  readonly reviewedBy: string | null;
  readonly reviewedAt: Instant | null;
  /** End of the last relationship with which it ended, and on whose continuation it is restored; absent, `null`: not ended so, or for good. */
  readonly endedWith?: EndedWith | null;
}

/** A present or former approver of an item. */
export interface RequestApprover {
  readonly itemId: string;
  readonly stage: number;
  readonly approverId: string;
  /** Approver on whose behalf they answer as a deputy; `null`: for themselves. Of several answers for one approver, one counts. */
  readonly inPlaceOf: string | null;
  readonly requestId: string;
  /** Reason for which the policy chose them: `manager`, `by name`, `holds finance-approver`, `next in line`. */
  readonly via: string;
  readonly level: number;
  readonly askedAt: Instant;
  readonly endedAt: Instant | null;
  readonly endReason: string | null;
}

/** An answer of an approver. Only the outcome `counted` counts; any other is the code with which it was refused. */
export interface RequestAnswer {
  readonly id: string;
  readonly itemId: string;
  readonly requestId: string;
  /** Stage that it was given for, and in which it counted. */
  readonly stage: number | null;
  readonly givenBy: string;
  readonly approves: boolean;
  readonly comment: string;
  readonly givenAt: Instant;
  /** Outcome; `null` until the request evaluates the answer. */
  readonly outcome: string | null;
  readonly judgedAt: Instant | null;
}

/** A request with its items, approvers and answers. */
export interface WholeRequest {
  readonly request: AccessRequest;
  readonly items: readonly RequestItem[];
  readonly approvers: readonly RequestApprover[];
  readonly answers: readonly RequestAnswer[];
}

export interface Requests {
  insert(request: AccessRequest, items: readonly RequestItem[]): Promise<void>;
  get(id: string): Promise<AccessRequest | null>;
  item(id: string): Promise<RequestItem | null>;
  /** Reads a request with all its parts and locks it until the transaction ends. The person it is for must be locked first. */
  lock(id: string): Promise<WholeRequest | null>;
  whole(ids: readonly string[]): Promise<readonly WholeRequest[]>;
  /** Ids of requests for or by this person, the newest first. */
  idsOf(identityId: string, limit: number): Promise<readonly string[]>;
  /** Ids of requests with an open item that waits for this approver's answer, the newest first. */
  idsWaitingFor(approverId: string, limit: number): Promise<readonly string[]>;
  inForce(identityId: string): Promise<readonly RequestItem[]>;
  /** True if an open item requests it already. */
  hasOpenItem(identityId: string, kind: RequestItem['kind'], name: string): Promise<boolean>;
  saveItem(item: RequestItem): Promise<void>;
  close(id: string, now: Instant): Promise<void>;
  /** Sets the next evaluation of a request, and its dependencies. */
  sleep(id: string, until: Instant | null, dependsOn: readonly string[]): Promise<void>;
  saveApprover(approver: RequestApprover): Promise<void>;
  addAnswer(answer: RequestAnswer): Promise<void>;
  answer(id: string): Promise<RequestAnswer | null>;
  answerDecided(answer: RequestAnswer): Promise<void>;
  /** A page of open requests, in the order of ids, for a recovery from a loss of Temporal's data. */
  open(limit: number, after: string | null): Promise<readonly AccessRequest[]>;
  /** Open requests whose next evaluation was due before this instant. */
  overdue(before: Instant, limit: number): Promise<readonly AccessRequest[]>;
  /** Adds open requests that are for these people or depend on them to the outbox: as approvers, absent approvers, or with a deputy. */
  wakeAbout(identityIds: readonly string[], correlationId: string, now: Instant): Promise<void>;
  /** Adds open requests for anything else than these to the outbox. */
  wakeAskedFor(offered: readonly Pick<RequestItem, 'kind' | 'name'>[], context: { readonly correlationId: string; readonly now: Instant }): Promise<void>;
  /** Ids of identities that have this role or entitlement, those on leave too, at most `limit`, in order. */
  holders(name: string, now: Instant, limit: number): Promise<readonly string[]>;
}

const plain = { disableIdentityMap: true } as const;

export function createRequests(em: EntityManager): Requests {
  const itemsOf = async (ids: readonly string[]): Promise<RequestItem[]> =>
    (await em.find(RequestItemRow, { requestId: { $in: [...ids] } }, { ...plain, orderBy: { position: 'asc' } })) as RequestItem[];
  const requests: Requests = {
    async insert(request, items) {
      await em.insert(AccessRequestRow, { ...request, dependsOn: [...request.dependsOn] });
      for (const item of items) await em.insert(RequestItemRow, item);
    },
    get: async (id) => (await em.findOne(AccessRequestRow, { id }, plain)) as AccessRequest | null,
    item: async (id) => (await em.findOne(RequestItemRow, { id }, plain)) as RequestItem | null,
    async lock(id) {
      await run(em, 'select id from access_request where id = $1 for update', [id]);
      return (await requests.whole([id]))[0] ?? null;
    },
    async whole(ids) {
      if (ids.length === 0) return [];
      const found = (await em.find(AccessRequestRow, { id: { $in: [...ids] } }, { ...plain, orderBy: { createdAt: 'desc', id: 'desc' } })) as AccessRequest[];
      const items = await itemsOf(ids);
      const of = { requestId: { $in: [...ids] } };
      const approvers = (await em.find(RequestApproverRow, of, { ...plain, orderBy: { askedAt: 'asc', approverId: 'asc' } })) as RequestApprover[];
      const answers = (await em.find(RequestAnswerRow, of, { ...plain, orderBy: { givenAt: 'asc', id: 'asc' } })) as RequestAnswer[];
      const belongs = <T extends { readonly requestId: string }>(all: readonly T[], id: string): T[] => all.filter(({ requestId }) => requestId === id);
      return found.map((request) => ({
        request,
        items: belongs(items, request.id),
        approvers: belongs(approvers, request.id),
        answers: belongs(answers, request.id),
      }));
    },
    async idsOf(identityId, limit) {
      const rows = await run<{ id: string }>(
        em,
        'select id from access_request where identity_id = $1 or requested_by = $1 order by created_at desc, id desc limit $2',
        [identityId, limit],
      );
      return rows.map(({ id }) => id);
    },
    async idsWaitingFor(approverId, limit) {
      const rows = await run<{ id: string }>(
        em,
        `select r.id from access_request r where r.id in (
           select a.request_id from request_approver a join request_item i on i.id = a.item_id
           where a.approver_id = $1 and a.ended_at is null and i.status = 'open' and i.stage = a.stage and not exists (
             select 1 from request_answer w where w.item_id = a.item_id and w.stage = a.stage and w.given_by = a.approver_id and w.outcome = 'counted'))
         order by r.created_at desc, r.id desc limit $2`,
        [approverId, limit],
      );
      return rows.map(({ id }) => id);
    },
    inForce: async (identityId) => (await em.find(RequestItemRow, { identityId, status: 'approved' }, { ...plain, orderBy: { id: 'asc' } })) as RequestItem[],
    hasOpenItem: async (identityId, kind, name) => (await em.count(RequestItemRow, { identityId, kind, name, status: 'open' })) > 0,
    saveItem: async ({ id, ...changed }) => {
      await em.nativeUpdate(RequestItemRow, { id }, changed);
    },
    close: async (id, now) => {
      await em.nativeUpdate(AccessRequestRow, { id, status: 'open' }, { status: 'closed', closedAt: now, nextAt: null });
    },
    sleep: async (id, until, dependsOn) => {
      const asleep = `update access_request set next_at = $2::timestamptz, depends_on = $3::text[]
        where id = $1 and (next_at is distinct from $2::timestamptz or depends_on <> $3::text[])`;
      await run(em, asleep, [id, until, dependsOn]);
    },
    saveApprover: async (approver) => {
      await em.upsert(RequestApproverRow, approver, plain);
    },
    addAnswer: async (answer) => {
      await em.insert(RequestAnswerRow, answer);
    },
    answer: async (id) => (await em.findOne(RequestAnswerRow, { id }, plain)) as RequestAnswer | null,
    answerDecided: async ({ id, stage, outcome, judgedAt }) => {
      await em.nativeUpdate(RequestAnswerRow, { id, outcome: null }, { stage, outcome, judgedAt });
    },
    open: async (limit, after) =>
      (await em.find(
        AccessRequestRow,
        { status: 'open', ...(after === null ? {} : { id: { $gt: after } }) },
        { ...plain, orderBy: { id: 'asc' }, limit },
      )) as AccessRequest[],
    async overdue(before, limit) {
      const due = { status: 'open', nextAt: { $lt: before } } as const;
      return (await em.find(AccessRequestRow, due, { ...plain, orderBy: { nextAt: 'asc', id: 'asc' }, limit })) as AccessRequest[];
    },
    async wakeAbout(ids, correlationId, now) {
      await run(
        em,
        `insert into outbox (identity_id, request_id, trigger, urgent, correlation_id, created_at)
         select r.identity_id, r.id, 'decision', false, $2::text, $3::timestamptz from access_request r where r.status = 'open' and (r.identity_id = any($1::uuid[])
           or r.depends_on && array(select unnest($1::uuid[]::text[]) union select g.name from access_grant g where g.identity_id = any($1::uuid[]))
           or exists (select 1 from request_approver a where a.request_id = r.id and (a.approver_id = any($1::uuid[]) or a.in_place_of = any($1::uuid[])) and a.ended_at is null))`,
        [ids, correlationId, now],
      );
    },
    async wakeAskedFor(offered, { correlationId, now }) {
      await run(
        em,
        `insert into outbox (identity_id, request_id, trigger, urgent, correlation_id, created_at)
         select r.identity_id, r.id, 'decision', false, $2::text, $3::timestamptz from access_request r where r.status = 'open' and exists (
           select 1 from request_item i where i.request_id = r.id and i.status = 'open'
             and not exists (select 1 from jsonb_to_recordset($1::jsonb) o (kind text, name text) where o.kind = i.kind and o.name = i.name))`,
        [JSON.stringify(offered), correlationId, now],
      );
    },
    async holders(name, now, limit) {
      const rows = await run<{ identity_id: string }>(
        em,
        `select distinct g.identity_id from access_grant g join identity i on i.id = g.identity_id where g.name = $1 and g.ended_at is null and i.state in ('active', 'suspended')
           and g.valid_from <= $2 and (g.valid_until is null or g.valid_until > $2) order by g.identity_id limit $3`,
        [name, now, limit],
      );
      return rows.map((row) => row.identity_id);
    },
  };
  return requests;
}
