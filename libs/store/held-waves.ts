import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant, JudgedCount, PersonInWave, PolicyDocument, Trigger, WaveChange } from '@tenure/domain';
import { WaveRow } from './entities/waves.ts';
import { fromJsonRow, toJsonRows } from './rows.ts';
import { run } from './statement.ts';

/** What a wave would change. Ids only: it is shown to whoever may decide, and kept. */
export interface WavePlan {
  /** Another one when what it would do, or to whom, is another. */
  readonly digest: string;
  /** People for whom something would change. */
  readonly people: number;
  /** The largest first. */
  readonly changes: readonly JudgedCount[];
}

/** A wave that waits for a person, or did. */
export interface HeldWave {
  readonly id: string;
  readonly trigger: Trigger;
  /** `free`: released, or never held. */
  readonly standing: 'free' | 'held' | 'discarded';
  /** `null`: it is a policy version. */
  readonly source: string | null;
  readonly policy: PolicyDocument | null;
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
}

/** A record that waits. */
export interface HeldRecord {
  readonly externalId: string;
  readonly source: string;
  readonly version: string;
  /** As it came in, to be taken as if it came now. */
  readonly record: Readonly<Record<string, unknown>>;
  readonly identityId: string | null;
  readonly changes: readonly WaveChange[];
}

/** Where a record waits. */
export interface WaitingRecord {
  readonly waveId: string;
  readonly externalId: string;
  readonly version: string;
  /** It is there because a complete import did not name the person. */
  readonly hasVanished: boolean;
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
  /** The one in which records of a source wait. Others who ask wait until this transaction ends. */
  ofSource(source: string): Promise<HeldWave | null>;
  /** The newest that holds, or held, this policy. */
  ofPolicy(digest: string): Promise<HeldWave | null>;
  policiesWaiting(): Promise<readonly HeldWave[]>;
  open(
    wave: Pick<HeldWave, 'trigger' | 'source' | 'people' | 'plan'> & Partial<Pick<HeldWave, 'policy' | 'policyDigest'>>,
    context: { readonly correlationId: string; readonly now: Instant },
  ): Promise<HeldWave>;
  /** An import that turned out to be too much. */
  hold(id: string): Promise<void>;
  savePlan(id: string, people: number, plan: WavePlan): Promise<void>;
  /** Records of these people that wait, whichever wave they wait in. */
  waiting(source: string, externalIds: readonly string[]): Promise<readonly WaitingRecord[]>;
  /** Records that wait; newer ones take the place of older ones. */
  add(id: string, records: readonly HeldRecord[], now: Instant): Promise<void>;
  /** The same records are gone, wherever they wait. */
  drop(source: string, externalIds: readonly string[]): Promise<void>;
  /** In the order of their external ids. */
  records(id: string, after: string | null, limit: number): Promise<readonly HeldRecord[]>;
  /** What each of them would change. */
  people(id: string): Promise<readonly PersonInWave[]>;
  /** These are in force now. */
  taken(id: string, externalIds: readonly string[]): Promise<void>;
  /** It goes on by itself from now on; Temporal is told. */
  release(id: string, decision: WaveDecision): Promise<void>;
  /** The same for some of its records: they become a wave of their own. */
  releasePart(wave: HeldWave, externalIds: readonly string[], plan: WavePlan, decision: WaveDecision): Promise<string>;
  /** It never was: its records are forgotten. */
  discard(id: string, decision: WaveDecision): Promise<void>;
  /** It is carried out: a policy version is published. */
  done(id: string, decision: WaveDecision): Promise<void>;
}

const plain = { disableIdentityMap: true } as const;

export function createHeldWaves(em: EntityManager): HeldWaves {
  const get = async (id: string): Promise<HeldWave | null> => (await em.findOne(WaveRow, { id, plan: { $ne: null } }, plain)) as HeldWave | null;
  const decide = async (id: string, { by, reason, at, correlationId }: WaveDecision, standing: HeldWave['standing'], finishedAt: Instant | null) => {
    const values = { standing, decidedBy: by, decidedAt: at, decisionReason: reason, correlationId, startedAt: finishedAt, finishedAt };
    await em.nativeUpdate(WaveRow, { id }, values);
  };
  const forget = (id: string) => run(em, 'delete from wave_record where wave_id = $1', [id]);
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
    async ofSource(source) {
      await run(em, 'select pg_advisory_xact_lock(hashtextextended($1, 4))', [source]);
      return (await em.findOne(WaveRow, { source, standing: 'held' }, { ...plain, orderBy: { createdAt: 'asc' } })) as HeldWave | null;
    },
    ofPolicy: async (policyDigest) => (await em.findOne(WaveRow, { policyDigest }, { ...plain, orderBy: { createdAt: 'desc' } })) as HeldWave | null,
    policiesWaiting: async () => (await em.find(WaveRow, { standing: 'held', policyDigest: { $ne: null } }, plain)) as HeldWave[],
    async open({ policy = null, policyDigest = null, ...wave }, { correlationId, now }) {
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
      };
      await em.insert(WaveRow, { ...held, isDecided: true });
      return held;
    },
    hold: async (id) => void (await em.nativeUpdate(WaveRow, { id }, { standing: 'held', plan: { digest: '', people: 0, changes: [] } })),
    savePlan: async (id, people, plan) => void (await em.nativeUpdate(WaveRow, { id }, { people, plan })),
    async waiting(source, externalIds) {
      const rows = await run<{ wave_id: string; external_id: string; version: string; vanished: boolean | null }>(
        em,
        `select r.wave_id, r.external_id, r.version, (r.record->>'hasVanished')::boolean as vanished from wave_record r join wave w on w.id = r.wave_id and w.standing = 'held'
         where r.source = $1 and r.external_id = any($2::text[])`,
        [source, externalIds],
      );
      return rows.map((row) => ({ waveId: row.wave_id, externalId: row.external_id, version: row.version, hasVanished: row.vanished === true }));
    },
    async add(id, records, now) {
      const rows = records.map((record) => ({ ...record, waveId: id, heldAt: now }));
      await run(
        em,
        `insert into wave_record (wave_id, external_id, source, version, record, identity_id, changes, held_at)
         select * from jsonb_to_recordset($1::jsonb) r (wave_id uuid, external_id text, source text, version text, record jsonb, identity_id uuid, changes jsonb, held_at timestamptz)
         on conflict (wave_id, external_id) do update set version = excluded.version, record = excluded.record, identity_id = excluded.identity_id,
           changes = excluded.changes, held_at = excluded.held_at`,
        [toJsonRows(rows)],
      );
    },
    drop: async (source, externalIds) =>
      void (await run(
        em,
        `delete from wave_record r using wave w where w.id = r.wave_id and w.standing = 'held' and r.source = $1 and r.external_id = any($2::text[])`,
        [source, externalIds],
      )),
    async records(id, after, limit) {
      const rows = await run<{ record: string }>(
        em,
        'select to_json(r)::text as record from (select * from wave_record where wave_id = $1 and external_id > $2 order by external_id limit $3) r',
        [id, after ?? '', limit],
      );
      return rows.map(({ record }) => fromJsonRow(JSON.parse(record) as Readonly<Record<string, unknown>>));
    },
    async people(id) {
      const rows = await run<{ external_id: string; identity_id: string | null; changes: readonly WaveChange[] }>(
        em,
        'select external_id, identity_id, changes from wave_record where wave_id = $1 order by external_id',
        [id],
      );
      return rows.map((row) => ({ key: row.identity_id ?? row.external_id, identityId: row.identity_id, changes: row.changes }));
    },
    taken: async (id, externalIds) => void (await run(em, 'delete from wave_record where wave_id = $1 and external_id = any($2::text[])', [id, externalIds])),
    release: (id, decision) => decide(id, decision, 'free', null),
    async releasePart(wave, externalIds, plan, decision) {
      const id = randomUUID();
      const part = { ...wave, id, plan, people: externalIds.length, isDecided: true, standing: 'free' as const };
      const { by: decidedBy, at: decidedAt, reason: decisionReason, correlationId } = decision;
      await em.insert(WaveRow, { ...part, decidedBy, decidedAt, decisionReason, correlationId });
      await run(em, 'update wave_record set wave_id = $2 where wave_id = $1 and external_id = any($3::text[])', [wave.id, id, externalIds]);
      return id;
    },
    async discard(id, decision) {
      await decide(id, decision, 'discarded', decision.at);
      await forget(id);
    },
    done: (id, decision) => decide(id, decision, 'free', decision.at),
  };
}
