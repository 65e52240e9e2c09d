import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { CaseContent, CaseKind, Instant, NewCaseContent } from '@tenure/domain';
import type { Actor } from '../audit/audit.ts';
import { CaseCommentRow, CaseRow } from './entities.ts';
import { run, send } from '../database/statement.ts';

/** A case, without its kind and evidence. */
export interface CaseFile {
  readonly id: string;
  readonly key: string;
  readonly status: 'open' | 'closed';
  readonly identityId: string | null;
  readonly target: string | null;
  readonly operationId: string | null;
  /** Owner of the case, who is to answer it. */
  readonly ownerId: string | null;
  /** Role or entitlement; everybody who has it may answer the case. Without this and an owner, any operator may. */
  readonly ownerGroup: string | null;
  /** Person to whom the case is assigned. */
  readonly claimedBy: string | null;
  readonly claimedAt: Instant | null;
  /** Number of escalations: each time the deadline passes, the case goes to the next owner. */
  readonly level: number;
  /** Deadline for the answer. */
  readonly deadline: Instant | null;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly resolution: string | null;
}

/** A task that needs a human decision, with the evidence of its kind. */
export type Case = CaseFile & CaseContent;

/** A case of one kind, or of several. */
export type CaseOf<K extends CaseKind> = Case & { readonly kind: K };

/** A case with the instants of the last and the next check of its owner and deadline. */
export type TendedCase = Case & {
  /** Last check; `null`: none yet. */
  readonly tendedAt: Instant | null;
  /** Next check; `null`: when an event requires it. */
  readonly tendAt: Instant | null;
};

/** A case that is to be opened. */
export type NewCase = NewCaseContent & Pick<CaseFile, 'key' | 'identityId' | 'target' | 'operationId'> & Partial<Pick<CaseFile, 'ownerId' | 'deadline'>>;

export interface CaseSelection<K extends CaseKind = CaseKind> {
  readonly status?: 'open' | 'closed';
  readonly kind?: K;
  readonly identityId?: string;
}

/** A comment on a case, in the words of its author. */
export interface CaseComment {
  readonly id: string;
  readonly caseId: string;
  readonly by: Actor;
  readonly text: string;
  readonly at: Instant;
}

export interface Cases {
  /** Opens a case. @returns the new case, or `null` when one with this key is open already (its evidence is updated) */
  open(wanted: NewCase, now: Instant): Promise<Case | null>;
  close(id: string, by: string, resolution: string, now: Instant): Promise<void>;
  /** Reassigns a case to another owner by a human decision: its assignee is removed, and no rule determines its owner any more. */
  giveTo(id: string, owner: Pick<CaseFile, 'ownerId' | 'ownerGroup'>, now: Instant): Promise<void>;
  /** Assigns a case to a person; `null`: to nobody. */
  claim(id: string, by: string | null, now: Instant): Promise<void>;
  comment(comment: CaseComment): Promise<void>;
  /** Comments on all these cases, the oldest first. */
  commentsOf(ids: readonly string[]): Promise<readonly CaseComment[]>;
  /** Locks the counting of the target's cases until this transaction ends, so that the last transaction sees the results of the others. */
  takeTurn(target: string): Promise<void>;
  /** Reads a case and locks it until the transaction ends. */
  lock(id: string): Promise<Case | null>;
  /** Open cases that these people own, the earliest deadline first. */
  openOfOwners(ownerIds: readonly string[]): Promise<readonly Case[]>;
  get(id: string): Promise<Case | null>;
  openOfKey(key: string): Promise<Case | null>;
  openOfKeys(keys: readonly string[]): Promise<readonly Case[]>;
  openOfTarget<K extends CaseKind>(kind: K, target: string): Promise<readonly CaseOf<K>[]>;
  openOfOperation(operationId: string): Promise<Case | null>;
  ofIdentities(identityIds: readonly string[]): Promise<readonly Case[]>;
  /** A page of cases, the newest first. */
  page<K extends CaseKind = CaseKind>(filter: CaseSelection<K>, limit: number, before: { at: Instant; id: string } | null): Promise<readonly CaseOf<K>[]>;
  count(filter: CaseSelection): Promise<number>;

  /** Locks open cases whose owner or deadline is due for a check, the longest due first, until the transaction ends. */
  toTend(now: Instant, limit: number): Promise<readonly TendedCase[]>;
  tended(changed: TendedCase): Promise<void>;
  /** When the next check is due; `null`: none is. */
  nextToTend(): Promise<Instant | null>;
  /** Makes a check due now for cases owned by or assigned to these people or owned by a present or former group of theirs: somebody may have left. */
  tendAbout(identityIds: readonly string[], now: Instant): Promise<void>;
  /** Marks due cases that have not been signalled to Temporal as signalled. @returns true if there were any */
  signalNew(): Promise<boolean>;
  /** Has cases that were due before this instant signalled to Temporal again. @returns their number */
  signalOverdueAgain(before: Instant): Promise<number>;
}

const plain = { disableIdentityMap: true } as const;

export function createCases(em: EntityManager): Cases {
  return {
    async open(wanted, now) {
      const { ownerId = null, deadline = null } = wanted;
      const opened: Case = {
        ...wanted,
        ownerId,
        deadline,
        id: randomUUID(),
        status: 'open' as const,
        ownerGroup: null,
        claimedBy: null,
        claimedAt: null,
        level: 0,
        openedAt: now,
        closedAt: null,
        closedBy: null,
        resolution: null,
      };
      const rows = await run<{ id: string }>(em, openCase, [
        opened.id,
        wanted.kind,
        wanted.key,
        wanted.identityId,
        wanted.target,
        wanted.operationId,
        JSON.stringify(wanted.evidence),
        now,
        ownerId,
        deadline,
      ]);
      return rows[0]?.id === opened.id ? opened : null;
    },
    close: async (id, by, resolution, now) => {
      await em.nativeUpdate(CaseRow, { id, status: 'open' }, { status: 'closed', closedAt: now, closedBy: by, resolution });
    },
    giveTo: async (id, owner, now) => {
      await em.nativeUpdate(CaseRow, { id, status: 'open' }, { ...owner, claimedBy: null, claimedAt: null, tendedAt: now });
    },
    claim: async (id, by, now) => {
      await em.nativeUpdate(CaseRow, { id, status: 'open' }, { claimedBy: by, claimedAt: by === null ? null : now });
    },
    comment: async ({ by, ...comment }) => {
      await em.insert(CaseCommentRow, { ...comment, byKind: by.kind, byId: by.id });
    },
    commentsOf: async (ids) =>
      (await em.find(CaseCommentRow, { caseId: { $in: [...ids] } }, { ...plain, orderBy: { at: 'asc', id: 'asc' } })).map(
        ({ byKind, byId, ...comment }): CaseComment => ({ ...comment, by: { kind: byKind, id: byId } }),
      ),
    takeTurn: (target) => send(em, 'select pg_advisory_xact_lock(hashtextextended($1, 5))', [target]),
    async lock(id) {
      const rows = await em.execute<{ id: string }[]>('select id from case_file where id = ? for update', [id]);
      return rows.length === 0 ? null : this.get(id);
    },
    openOfOwners: async (ownerIds) =>
      (
        await em.find(
          CaseRow,
          { ownerId: { $in: [...ownerIds] }, status: 'open' },
          { ...plain, orderBy: { deadline: 'asc nulls last', openedAt: 'asc' }, limit: 200 },
        )
      ).map(toCase),
    get: async (id) => {
      const row = await em.findOne(CaseRow, { id }, plain);
      return row === null ? null : toCase(row);
    },
    openOfKeys: async (keys) => (await em.find(CaseRow, { key: { $in: [...keys] }, status: 'open' }, plain)).map(toCase),
    openOfTarget: async (kind, target) => (await em.find(CaseRow, { kind, target, status: 'open' }, plain)).map(toCaseOf<typeof kind>),
    openOfKey: async (key) => {
      const row = await em.findOne(CaseRow, { key, status: 'open' }, plain);
      return row === null ? null : toCase(row);
    },
    openOfOperation: async (operationId) => {
      const row = await em.findOne(CaseRow, { operationId, status: 'open' }, plain);
      return row === null ? null : toCase(row);
    },
    ofIdentities: async (ids) => (await em.find(CaseRow, { identityId: { $in: [...ids] } }, { ...plain, orderBy: { openedAt: 'desc' } })).map(toCase),
    async page<K extends CaseKind>(filter: CaseSelection<K>, limit: number, before: { at: Instant; id: string } | null) {
      const where = { ...filter, ...(before ? { $or: [{ openedAt: { $lt: before.at } }, { openedAt: before.at, id: { $lt: before.id } }] } : {}) };
      return (await em.find(CaseRow, where, { ...plain, orderBy: { openedAt: 'desc', id: 'desc' }, limit })).map(toCaseOf<K>);
    },
    count: async (filter) => em.count(CaseRow, filter),

    async toTend(now, limit) {
      const rows = await run<{ id: string }>(
        em,
        `select id from case_file where status = 'open' and tend_at <= $1 order by tend_at, id limit $2 for update skip locked`,
        [now, limit],
      );
      const found = await em.find(CaseRow, { id: { $in: rows.map(({ id }) => id) } }, { ...plain, orderBy: { tendAt: 'asc', id: 'asc' } });
      return found.map(({ isTold: _isTold, ...row }) => row as TendedCase);
    },
    tended: async ({ id, ownerId, ownerGroup, claimedBy, claimedAt, level, deadline, tendedAt, tendAt }) => {
      await em.nativeUpdate(CaseRow, { id }, { ownerId, ownerGroup, claimedBy, claimedAt, level, deadline, tendedAt, tendAt });
    },
    async nextToTend() {
      const [row] = await em.execute<{ at: string | Date | null }[]>(`select min(tend_at) as at from case_file where status = 'open'`);
      return row?.at == null ? null : new Date(row.at).toISOString();
    },
    async tendAbout(identityIds, now) {
      await run(
        em,
        `update case_file set tend_at = $2::timestamptz, is_told = false where id in
           (select id from case_file where status = 'open' and (owner_id = any($1::uuid[]) or claimed_by = any($1::uuid[])
             or owner_group = any(array(select distinct g.name from access_grant g where g.identity_id = any($1::uuid[])))) order by id for update)`,
        [identityIds, now],
      );
    },
    signalNew: async () =>
      (
        await em.execute<object[]>(
          `update case_file set is_told = true where id in (select id from case_file where status = 'open' and not is_told for update skip locked) returning 1`,
        )
      ).length > 0,
    signalOverdueAgain: async (before) =>
      (await run<object>(em, `update case_file set is_told = false where status = 'open' and tend_at < $1 returning 1`, [before])).length,
  };
}

/** Statement that opens a case, one per key at a time. A deadline given by its subject is updated with it, until the case is escalated. */
const openCase = `insert into case_file (id, kind, key, status, identity_id, target, operation_id, evidence, opened_at, owner_id, deadline, level, tend_at, is_told)
  values ($1, $2, $3, 'open', $4, $5, $6, $7::jsonb, $8::timestamptz, $9, $10, 0, $8::timestamptz, false)
  on conflict (key) where status = 'open' do update set evidence = excluded.evidence, operation_id = excluded.operation_id,
    deadline = case when case_file.level = 0 then coalesce(excluded.deadline, case_file.deadline) else case_file.deadline end,
    tend_at = case when case_file.level = 0 and excluded.deadline <> case_file.deadline then excluded.tend_at else case_file.tend_at end,
    is_told = case_file.is_told and (case_file.level > 0 or excluded.deadline is null or excluded.deadline is not distinct from case_file.deadline)
  returning id`;

type Row = object & { isTold: unknown; tendedAt: unknown; tendAt: unknown };

/** Converts a row; its kind determines the type of the evidence, since Tenure has written both. Evidence of an earlier version may lack fields. */
function toCase({ isTold: _isTold, tendedAt: _tendedAt, tendAt: _tendAt, ...row }: Row): Case {
  return row as Case;
}

/** Converts a row to a case of these kinds. @param row of one of these kinds */
function toCaseOf<K extends CaseKind>(row: Row): CaseOf<K> {
  return toCase(row) as CaseOf<K>;
}
