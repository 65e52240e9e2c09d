import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { BatchProblem, Instant, JudgedCount, PolicyDocument, Trigger } from '@tenure/domain';
import { attested, believed, noSettings, type SettingsColumns, type StoredSettings } from '../access/attested-settings.ts';
import type { Vault } from '../audit/vault.ts';
import { WaveRow } from './entities.ts';
import { run } from '../database/statement.ts';

/** What a wave would change. Ids only: it is shown to whoever may decide, and kept. */
export interface WavePlan {
  /** Another one when what it would do, or to whom, is another. */
  readonly digest: string;
  /** People for whom something would change. */
  readonly people: number;
  /** The largest first. */
  readonly changes: readonly JudgedCount[];
}

/** A batch change that waits for approval, or did. Its items are in `BatchItems`. */
export interface HeldWave {
  readonly id: string;
  readonly trigger: Trigger;
  /** `free`: released, or never held. */
  readonly standing: 'free' | 'held' | 'discarded';
  /** `null`: it is a policy version. */
  readonly source: string | null;
  readonly policy: PolicyDocument | null;
  /** SHA-256 of the policy; where it comes with another tenure.yaml, that one's after a dot. */
  readonly policyDigest: string | null;
  readonly plan: WavePlan;
  /** Records of a source, or everybody in the case of a policy version. */
  readonly people: number;
  readonly correlationId: string;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  readonly decisionReason: string | null;
  /** The batch that it was approved as a part of. */
  readonly partOf: string | null;
  /** Digests by which it may be approved: of its plan, and of plans before it from which items only fell away. */
  readonly approvable: readonly string[];
  readonly problem: BatchProblem | null;
}

export interface WaveDecision {
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
  readonly correlationId: string;
}

export interface HeldWaves {
  /** Reads one, and holds it until the transaction ends. @returns `null` when there is none that ever waited */
  lock(id: string): Promise<HeldWave | null>;
  get(id: string): Promise<HeldWave | null>;
  /** Those that wait or have waited, the newest first. */
  page(filter: { readonly standing?: HeldWave['standing'] }, limit: number, before: { at: Instant; id: string } | null): Promise<readonly HeldWave[]>;
  /** Those that were approved as parts of these, the oldest first. */
  parts(ids: readonly string[]): Promise<readonly HeldWave[]>;
  /** The one in which records of a source wait. Others who ask wait until this transaction ends. */
  ofSource(source: string): Promise<HeldWave | null>;
  /** The newest that holds, or held, this policy. */
  ofPolicy(digest: string): Promise<HeldWave | null>;
  policiesWaiting(): Promise<readonly HeldWave[]>;
  /** tenure.yaml that it would put in force with its policy; `null`: the one in force stays. @throws Error when somebody else than Tenure has written it */
  settingsOf(id: string): Promise<StoredSettings | null>;
  open(
    wave: Pick<HeldWave, 'trigger' | 'source' | 'people' | 'plan'> &
      Partial<Pick<HeldWave, 'policy' | 'policyDigest'>> & { readonly settings?: StoredSettings },
    context: { readonly correlationId: string; readonly now: Instant },
  ): Promise<HeldWave>;
  /** An import that turned out to be too much. */
  hold(id: string): Promise<void>;
  /** @param isLess nothing was added: whoever has seen the plan before it has seen all of this */
  savePlan(id: string, people: number, plan: WavePlan, isLess?: boolean): Promise<void>;
  /** It waits for a person again, since it cannot be carried out as it is. */
  holdAgain(id: string, problem: BatchProblem): Promise<void>;
  /** It goes on by itself from now on; Temporal is told. */
  release(id: string, decision: WaveDecision): Promise<void>;
  /** The same for some of its items: they become a batch of their own. @returns its id */
  releasePart(wave: HeldWave, people: number, plan: WavePlan, decision: WaveDecision): Promise<string>;
  /** Nothing of it that waits will be carried out. */
  discard(id: string, decision: WaveDecision): Promise<void>;
}

const plain = { disableIdentityMap: true } as const;

export function createHeldWaves(em: EntityManager, vault: Pick<Vault, 'attest'>): HeldWaves {
  const get = async (id: string): Promise<HeldWave | null> => (await em.findOne(WaveRow, { id, plan: { $ne: null } }, plain)) as HeldWave | null;
  const decide = async (id: string, { by, reason, at, correlationId }: WaveDecision, values: Partial<Pick<HeldWave, 'finishedAt'>> & Standing) => {
    await em.nativeUpdate(WaveRow, { id }, { ...values, decidedBy: by, decidedAt: at, decisionReason: reason, correlationId });
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
      return (await em.find(WaveRow, where, { ...plain, orderBy: { createdAt: 'desc', id: 'desc' }, limit })) as HeldWave[];
    },
    parts: async (ids) => (await em.find(WaveRow, { partOf: { $in: [...ids] } }, { ...plain, orderBy: { decidedAt: 'asc', id: 'asc' } })) as HeldWave[],
    async ofSource(source) {
      await run(em, 'select pg_advisory_xact_lock(hashtextextended($1, 4))', [source]);
      return (await em.findOne(WaveRow, { source, standing: 'held' }, { ...plain, orderBy: { createdAt: 'asc' } })) as HeldWave | null;
    },
    ofPolicy: async (policyDigest) => (await em.findOne(WaveRow, { policyDigest }, { ...plain, orderBy: { createdAt: 'desc' } })) as HeldWave | null,
    policiesWaiting: async () => (await em.find(WaveRow, { standing: 'held', policyDigest: { $ne: null } }, plain)) as HeldWave[],
    async settingsOf(id) {
      const [row] = await run<SettingsColumns>(
        em,
        'select settings, settings_digest as "settingsDigest", settings_mac as "settingsMac" from wave where id = $1',
        [id],
      );
      return row === undefined ? null : believed(vault, row, `batch change ${id}`);
    },
    async open({ policy = null, policyDigest = null, settings, ...wave }, { correlationId, now }) {
      const held: HeldWave = {
        ...wave,
        policy,
        policyDigest,
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
      await em.insert(WaveRow, { ...held, ...(settings === undefined ? noSettings : attested(vault, settings, `batch change ${held.id}`)), isDecided: true });
      return held;
    },
    hold: async (id) => void (await em.nativeUpdate(WaveRow, { id }, { standing: 'held', plan: noPlan, approvable: [], releasedAt: null })),
    async savePlan(id, people, plan, isLess = false) {
      const known = isLess ? ((await em.findOne(WaveRow, { id }, plain))?.approvable ?? []) : [];
      await em.nativeUpdate(WaveRow, { id }, { people, plan, approvable: [...new Set([...known, plan.digest])] });
    },
    async holdAgain(id, problem) {
      const { plan } = (await em.findOne(WaveRow, { id }, plain)) ?? {};
      const undecided = { decidedBy: null, decidedAt: null, decisionReason: null, releasedAt: null };
      await em.nativeUpdate(WaveRow, { id }, { standing: 'held', problem, plan: plan ?? noPlan, ...undecided });
    },
    release: (id, decision) => decide(id, decision, { standing: 'free', startedAt: null, finishedAt: null, releasedAt: decision.at, problem: null }),
    async releasePart({ id: partOf, trigger, source, createdAt }, people, plan, decision) {
      const id = randomUUID();
      const { by: decidedBy, at: decidedAt, reason: decisionReason, correlationId } = decision;
      // Temporal has not been told of it, whenever it was told of the batch that it comes from.
      const begins = { standing: 'free', startedAt: null, finishedAt: null, releasedAt: decidedAt } as const;
      const decided = { decidedBy, decidedAt, decisionReason, correlationId };
      await em.insert(WaveRow, { id, trigger, source, createdAt, people, plan, isDecided: true, partOf, approvable: [], ...begins, ...decided });
      return id;
    },
    discard: (id, decision) => decide(id, decision, { standing: 'discarded', finishedAt: decision.at }),
  };
}

type Standing = { readonly standing: HeldWave['standing']; readonly startedAt?: null; readonly releasedAt?: Instant; readonly problem?: null };

const noPlan: WavePlan = { digest: '', people: 0, changes: [] };
