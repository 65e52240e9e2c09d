import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { BatchOrigin, BatchProblem, Instant, EvaluatedCount, PolicyDocument, Trigger, UndoOrigin } from '@tenure/domain';
import { attested, believed, noSettings, type SettingsColumns, type StoredSettings } from '../access/attested-settings.ts';
import type { Vault } from '../audit/vault.ts';
import { BatchRow } from './entities.ts';
import { run } from '../database/statement.ts';

/** Planned changes of a batch. Ids only, since it is shown to every approver, and stored. */
export interface BatchPlan {
  /** Digest of the changes and of the people affected: it differs as soon as either differs. */
  readonly digest: string;
  /** Number of people with changes. */
  readonly people: number;
  /** Number of people per change, the largest first. */
  readonly changes: readonly EvaluatedCount[];
}

/** A batch change that waits or has waited for approval. Its items are in `BatchItems`. */
export interface BatchChange {
  readonly id: string;
  readonly trigger: Trigger;
  /** Status; `held`: waits for approval; `free`: approved, or needed no approval. */
  readonly standing: 'free' | 'held' | 'discarded';
  /** Source of the records; `null`: the batch change is a policy version, or has another origin. */
  readonly source: string | null;
  /** Origin; `null`: a source or a policy version. */
  readonly origin: BatchOrigin | null;
  readonly policy: PolicyDocument | null;
  /** SHA-256 of the policy; where it comes with another tenure.yaml, followed by a dot and the SHA-256 of that. */
  readonly policyDigest: string | null;
  /** The configuration version that it has put in force; `null`: none, or not yet. */
  readonly policyVersion: number | null;
  readonly plan: BatchPlan;
  /** Number of records of a source, or of all people for a policy version. */
  readonly people: number;
  readonly correlationId: string;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  readonly decisionReason: string | null;
  /** Id of the batch of which it was approved as a part. */
  readonly partOf: string | null;
  /** Digests that an approval may name: of the current plan, and of earlier plans from which items have only fallen away since. */
  readonly approvable: readonly string[];
  readonly problem: BatchProblem | null;
}

export interface BatchDecision {
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  readonly correlationId: string;
}

export interface BatchChanges {
  /** Reads a batch change and locks it until the transaction ends. @returns `null` when no batch with this id ever waited for approval */
  lock(id: string): Promise<BatchChange | null>;
  get(id: string): Promise<BatchChange | null>;
  /** Batch changes that wait or have waited for approval, the newest first. */
  page(filter: { readonly standing?: BatchChange['standing'] }, limit: number, before: { at: Instant; id: string } | null): Promise<readonly BatchChange[]>;
  /** Batch changes that were approved as parts of these, the oldest first. */
  parts(ids: readonly string[]): Promise<readonly BatchChange[]>;
  /** A batch change with those that were approved as parts of it, and parts of these, the oldest first. */
  withParts(id: string): Promise<readonly BatchChange[]>;
  /** Batch changes that undo these, without their parts, the oldest first. */
  undoesOf(ids: readonly string[]): Promise<readonly (BatchChange & { readonly origin: UndoOrigin })[]>;
  /** The batch change, or the part of it, that undoes this one and waits for approval or is being carried out; `null`: none. */
  undoUnderWay(id: string): Promise<BatchChange | null>;
  /** The batch change that has put a configuration version in force; `null`: none. */
  ofVersion(version: number): Promise<BatchChange | null>;
  /** Records which configuration version it has put in force. */
  becameVersion(id: string, version: number): Promise<void>;
  /** The batch change in which records of a source wait for approval. Other callers wait until this transaction ends. */
  ofSource(source: string): Promise<BatchChange | null>;
  /** The batch change with this origin that waits for approval. Other callers wait until this transaction ends. */
  ofOrigin(kind: 'corrections' | 'switch-on', target: string): Promise<BatchChange | null>;
  /** The newest batch change with this policy, waiting or decided. */
  ofPolicy(digest: string): Promise<BatchChange | null>;
  policiesWaiting(): Promise<readonly BatchChange[]>;
  /** tenure.yaml that it would put in force with its policy; `null`: the one in force stays. @throws Error when it was not written by Tenure */
  settingsOf(id: string): Promise<StoredSettings | null>;
  open(
    batch: Pick<BatchChange, 'trigger' | 'source' | 'people' | 'plan'> &
      Partial<Pick<BatchChange, 'policy' | 'policyDigest' | 'origin'>> & { readonly settings?: StoredSettings },
    context: { readonly correlationId: string; readonly now: Instant },
  ): Promise<BatchChange>;
  /** Makes an import that exceeds the change budget wait for approval. */
  wait(id: string): Promise<void>;
  /** Stores a renewed plan. @param isLess true if nothing was added, so that an approval may still name the digest of an earlier plan */
  savePlan(id: string, people: number, plan: BatchPlan, isLess?: boolean): Promise<void>;
  /** Makes it wait for approval again, since it cannot be carried out as it is. */
  waitAgain(id: string, problem: BatchProblem): Promise<void>;
  /** Approves it: it is carried out from now on, and Temporal is signalled. */
  release(id: string, decision: BatchDecision): Promise<void>;
  /** Approves some of its items: they become a batch of their own. @returns id of that batch */
  releasePart(batch: BatchChange, people: number, plan: BatchPlan, decision: BatchDecision): Promise<string>;
  /** Discards it: nothing of it that still waits is carried out. */
  discard(id: string, decision: BatchDecision): Promise<void>;
}

const plain = { disableIdentityMap: true } as const;

export function createBatchChanges(em: EntityManager, vault: Pick<Vault, 'attest'>): BatchChanges {
  const get = async (id: string): Promise<BatchChange | null> => (await em.findOne(BatchRow, { id, plan: { $ne: null } }, plain)) as BatchChange | null;
  const decide = async (id: string, { by, reason, at, correlationId }: BatchDecision, values: Partial<Pick<BatchChange, 'finishedAt'>> & StatusChange) => {
    await em.nativeUpdate(BatchRow, { id }, { ...values, decidedBy: by, decidedAt: at, decisionReason: reason, correlationId });
  };
  return {
    async lock(id) {
      await run(em, 'select id from wave where id = $1 for update', [id]);
      return get(id);
    },
    get,
    async page(filter, limit, before) {
      const where = {
        plan: { $ne: null },
        ...filter,
        ...(before ? { $or: [{ createdAt: { $lt: before.at } }, { createdAt: before.at, id: { $lt: before.id } }] } : {}),
      };
      return (await em.find(BatchRow, where, { ...plain, orderBy: { createdAt: 'desc', id: 'desc' }, limit })) as BatchChange[];
    },
    parts: async (ids) => (await em.find(BatchRow, { partOf: { $in: [...ids] } }, { ...plain, orderBy: { decidedAt: 'asc', id: 'asc' } })) as BatchChange[],
    async withParts(id) {
      const rows = await run<{ id: string }>(
        em,
        'with recursive own as (select id from wave where id = $1 union select part.id from wave part join own on part.part_of = own.id) select id from own',
        [id],
      );
      return (await em.find(BatchRow, { id: { $in: rows.map((row) => row.id) } }, { ...plain, orderBy: { createdAt: 'asc', id: 'asc' } })) as BatchChange[];
    },
    async undoesOf(ids) {
      const rows = await run<{ id: string }>(
        em,
        `select id from wave where origin->>'batchId' = any($1::text[]) and origin->>'kind' = 'undo' and part_of is null`,
        [ids],
      );
      const found = await em.find(BatchRow, { id: { $in: rows.map((row) => row.id) } }, { ...plain, orderBy: { createdAt: 'asc', id: 'asc' } });
      return found as (BatchChange & { readonly origin: UndoOrigin })[];
    },
    async undoUnderWay(id) {
      const [row] = await run<{ id: string }>(
        em,
        `select id from wave where origin->>'batchId' = $1 and origin->>'kind' = 'undo' and (standing = 'held' or (standing = 'free' and finished_at is null))
         order by created_at limit 1`,
        [id],
      );
      return row === undefined ? null : get(row.id);
    },
    ofVersion: async (policyVersion) => (await em.findOne(BatchRow, { policyVersion }, { ...plain, orderBy: { createdAt: 'desc' } })) as BatchChange | null,
    becameVersion: async (id, policyVersion) => void (await em.nativeUpdate(BatchRow, { id }, { policyVersion })),
    async ofSource(source) {
      await run(em, 'select pg_advisory_xact_lock(hashtextextended($1, 4))', [source]);
      return (await em.findOne(BatchRow, { source, standing: 'held' }, { ...plain, orderBy: { createdAt: 'asc' } })) as BatchChange | null;
    },
    async ofOrigin(kind, target) {
      await run(em, 'select pg_advisory_xact_lock(hashtextextended($1, 4))', [`${kind}/${target}`]);
      const [row] = await run<{ id: string }>(em, `select id from wave where origin->>'kind' = $1 and origin->>'target' = $2 and standing = 'held' limit 1`, [
        kind,
        target,
      ]);
      return row === undefined ? null : get(row.id);
    },
    ofPolicy: async (policyDigest) => (await em.findOne(BatchRow, { policyDigest }, { ...plain, orderBy: { createdAt: 'desc' } })) as BatchChange | null,
    policiesWaiting: async () => (await em.find(BatchRow, { standing: 'held', policyDigest: { $ne: null } }, plain)) as BatchChange[],
    async settingsOf(id) {
      const [row] = await run<SettingsColumns>(
        em,
        'select settings, settings_digest as "settingsDigest", settings_mac as "settingsMac" from wave where id = $1',
        [id],
      );
      return row === undefined ? null : believed(vault, row, `batch change ${id}`);
    },
    async open({ policy = null, policyDigest = null, origin = null, settings, ...wave }, { correlationId, now }) {
      const held: BatchChange = {
        ...wave,
        policy,
        policyDigest,
        policyVersion: null,
        origin,
        id: randomUUID(),
        standing: 'held',
        correlationId,
        createdAt: now,
        startedAt: null,
        finishedAt: null,
        decidedBy: null,
        decidedAt: null,
        decisionReason: null,
        partOf: null,
        approvable: [wave.plan.digest],
        problem: null,
      };
      await em.insert(BatchRow, { ...held, ...(settings === undefined ? noSettings : attested(vault, settings, `batch change ${held.id}`)), isDecided: true });
      return held;
    },
    wait: async (id) => void (await em.nativeUpdate(BatchRow, { id }, { standing: 'held', plan: noPlan, approvable: [], releasedAt: null })),
    async savePlan(id, people, plan, isLess = false) {
      const known = isLess ? ((await em.findOne(BatchRow, { id }, plain))?.approvable ?? []) : [];
      await em.nativeUpdate(BatchRow, { id }, { people, plan, approvable: [...new Set([...known, plan.digest])] });
    },
    async waitAgain(id, problem) {
      const { plan } = (await em.findOne(BatchRow, { id }, plain)) ?? {};
      const undecided = { decidedBy: null, decidedAt: null, decisionReason: null, releasedAt: null };
      await em.nativeUpdate(BatchRow, { id }, { standing: 'held', problem, plan: plan ?? noPlan, ...undecided });
    },
    release: (id, decision) => decide(id, decision, { standing: 'free', startedAt: null, finishedAt: null, releasedAt: decision.at, problem: null }),
    async releasePart({ id: partOf, trigger, source, origin, createdAt }, people, plan, decision) {
      const id = randomUUID();
      const { by: decidedBy, at: decidedAt, reason: decisionReason, correlationId } = decision;
      // The part is started by a signal of its own, even if the batch that it comes from has been signalled already.
      const begins = { standing: 'free', startedAt: null, finishedAt: null, releasedAt: decidedAt } as const;
      const decided = { decidedBy, decidedAt, decisionReason, correlationId };
      await em.insert(BatchRow, { id, trigger, source, origin, createdAt, people, plan, isDecided: true, partOf, approvable: [], ...begins, ...decided });
      return id;
    },
    discard: (id, decision) => decide(id, decision, { standing: 'discarded', finishedAt: decision.at }),
  };
}

type StatusChange = { readonly standing: BatchChange['standing']; readonly startedAt?: null; readonly releasedAt?: Instant; readonly problem?: null };

const noPlan: BatchPlan = { digest: '', people: 0, changes: [] };
