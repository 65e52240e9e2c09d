import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { CaseRow } from './entities/access.ts';

/** Questions that wait for a person. */
export type CaseKind =
  | 'operation-failed'
  | 'account-conflict'
  | 'target-refuses'
  | 'end-not-confirmed'
  | 'ambiguous-record'
  | 'ambiguous-login'
  | 'policy-evaluation'
  | 'separation-conflict'
  | 'hire-called-off'
  | 'transfer'
  | 'facts-missing'
  | 'request-without-approver'
  | 'requested-access-questionable'
  | 'notice-undeliverable'
  | 'contract-ending'
  | 'sponsor-missing'
  | 'change-budget'
  | 'vanished-from-feed';

export interface Case {
  readonly id: string;
  readonly kind: CaseKind;
  readonly key: string;
  readonly status: 'open' | 'closed';
  readonly identityId: string | null;
  readonly target: string | null;
  readonly operationId: string | null;
  /** Ids, codes and names: no personal data. */
  readonly evidence: Readonly<Record<string, unknown>>;
  /** Whose it is to answer; `null`: any operator's. */
  readonly ownerId: string | null;
  /** By when it should be answered. */
  readonly deadline: Instant | null;
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly resolution: string | null;
}

export type NewCase = Pick<Case, 'kind' | 'key' | 'identityId' | 'target' | 'operationId' | 'evidence'> & Partial<Pick<Case, 'ownerId' | 'deadline'>>;

export interface CaseSelection {
  readonly status?: 'open' | 'closed';
  readonly kind?: CaseKind;
  readonly identityId?: string;
  readonly ownerId?: string;
}

export interface Cases {
  /** @returns the new case, or `null` when one of that key is open already (its evidence is brought up to date) */
  open(wanted: NewCase, now: Instant): Promise<Case | null>;
  close(id: string, by: string, resolution: string, now: Instant): Promise<void>;
  /** Makes it another person's to answer. */
  giveTo(id: string, ownerId: string | null): Promise<void>;
  /** Reads one and holds it until the transaction ends. */
  lock(id: string): Promise<Case | null>;
  /** Open ones that are this person's to answer; what is due first comes first. */
  openOfOwner(ownerId: string): Promise<readonly Case[]>;
  get(id: string): Promise<Case | null>;
  openOfKey(key: string): Promise<Case | null>;
  openOfKeys(keys: readonly string[]): Promise<readonly Case[]>;
  openOfOperation(operationId: string): Promise<Case | null>;
  ofIdentities(identityIds: readonly string[]): Promise<readonly Case[]>;
  page(filter: CaseSelection, limit: number, before: { at: Instant; id: string } | null): Promise<readonly Case[]>;
  count(filter: CaseSelection): Promise<number>;
}

const plain = { disableIdentityMap: true } as const;

export function createCases(em: EntityManager): Cases {
  return {
    async open(wanted, now) {
      const { ownerId = null, deadline = null } = wanted;
      const opened = {
        ...wanted,
        ownerId,
        deadline,
        id: randomUUID(),
        status: 'open' as const,
        openedAt: now,
        closedAt: null,
        closedBy: null,
        resolution: null,
      };
      const rows = await em.execute<{ id: string }[]>(
        `insert into case_file (id, kind, key, status, identity_id, target, operation_id, evidence, opened_at, owner_id, deadline)
         values (?, ?, ?, 'open', ?, ?, ?, ?::jsonb, ?, ?, ?)
         on conflict (key) where status = 'open' do update set evidence = excluded.evidence, operation_id = excluded.operation_id, deadline = excluded.deadline
         returning id`,
        [opened.id, wanted.kind, wanted.key, wanted.identityId, wanted.target, wanted.operationId, JSON.stringify(wanted.evidence), now, ownerId, deadline],
      );
      return rows[0]?.id === opened.id ? opened : null;
    },
    close: async (id, by, resolution, now) => {
      await em.nativeUpdate(CaseRow, { id, status: 'open' }, { status: 'closed', closedAt: now, closedBy: by, resolution });
    },
    giveTo: async (id, ownerId) => {
      await em.nativeUpdate(CaseRow, { id, status: 'open' }, { ownerId });
    },
    async lock(id) {
      const rows = await em.execute<{ id: string }[]>('select id from case_file where id = ? for update', [id]);
      return rows.length === 0 ? null : this.get(id);
    },
    openOfOwner: async (ownerId) =>
      (await em.find(CaseRow, { ownerId, status: 'open' }, { ...plain, orderBy: { deadline: 'asc nulls last', openedAt: 'asc' }, limit: 200 })) as Case[],
    get: async (id) => (await em.findOne(CaseRow, { id }, plain)) as Case | null,
    openOfKeys: async (keys) => (await em.find(CaseRow, { key: { $in: [...keys] }, status: 'open' }, plain)) as Case[],
    openOfKey: async (key) => (await em.findOne(CaseRow, { key, status: 'open' }, plain)) as Case | null,
    openOfOperation: async (operationId) => (await em.findOne(CaseRow, { operationId, status: 'open' }, plain)) as Case | null,
    ofIdentities: async (ids) => (await em.find(CaseRow, { identityId: { $in: [...ids] } }, { ...plain, orderBy: { openedAt: 'desc' } })) as Case[],
    async page(filter, limit, before) {
      const where = { ...filter, ...(before ? { $or: [{ openedAt: { $lt: before.at } }, { openedAt: before.at, id: { $lt: before.id } }] } : {}) };
      return (await em.find(CaseRow, where, { ...plain, orderBy: { openedAt: 'desc', id: 'desc' }, limit })) as Case[];
    },
    count: async (filter) => em.count(CaseRow, filter),
  };
}
