import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import type { AuditAnchor } from './audit-anchor.ts';
import { type AuditHead, isAuthentic, LANES, readHeads, readSeal } from './audit-heads.ts';
import { type AuditRow, hashOf } from './audit-row.ts';
import { AuditEventRow } from './entities.ts';
import { run } from '../database/statement.ts';
import type { Vault } from './vault.ts';

/** Result of verifying the audit trail. */
export interface AuditProof {
  /** Number of events that were read. */
  readonly events: number;
  /** Problems, one sentence each; empty: the audit is complete, as far as chain ends and anchors cover it. */
  readonly problems: readonly string[];
  /** When the chains' ends were sealed; `null`: never. */
  readonly sealedAt: Instant | null;
}

/** Scope of the verification. */
export interface AuditProofSettings {
  /** Anchors that were kept outside of the database, in the order of time. */
  readonly anchors?: readonly AuditAnchor[];
  /** Start of the verification: the anchors up to then are assumed to be proved. `null`: from the beginning. */
  readonly since?: Instant | null;
}

/** Milliseconds by which anchors may lag behind events. */
const longestWithoutAnchor = 180_000;

/** Reads every chain and compares it with its end and its anchors. Streams: memory grows with the anchors alone. */
export async function verifyAudit(em: EntityManager, vault: Vault, { anchors = [], since = null }: AuditProofSettings = {}): Promise<AuditProof> {
  const problems: string[] = [];
  const seal = await readSeal(em, vault);
  const heads = new Map((await readHeads(em)).map((head) => [head.lane, head]));
  problems.push(...(await strays(em, [...heads.keys()])));
  if (seal !== null && !seal.isAuthentic) problems.push('changed: the seal of the audit is not under this key');
  const base = since === null ? new Map<number, AuditHead>() : lastOf(anchors.filter(({ at }) => at <= since));
  const expected = expectedOf([
    ...(seal?.isAuthentic && since === null ? [{ at: seal.at, heads: seal.heads }] : []),
    ...anchors.filter(({ at }) => since === null || at > since),
  ]);
  let events = 0;
  let newest: Instant | null = null;
  for (let lane = 1; lane <= LANES; lane += 1) {
    const read = await readLane(em, vault, lane, base.get(lane) ?? null, expected.get(lane) ?? new Map());
    events += read.events;
    problems.push(...read.problems);
    if (read.newest !== null && (newest === null || read.newest > newest)) newest = read.newest;
    const head = heads.get(lane);
    if (head === undefined) problems.push(`removed: the end of chain ${lane}`);
    else if (read.last.sequence < head.sequence) problems.push(`removed: chain ${lane}, number ${read.last.sequence + 1} to ${head.sequence}, at its end`);
    else if (read.last.sequence > head.sequence || read.last.hash !== head.hash) problems.push(`inserted: chain ${lane}, after number ${head.sequence}`);
    if (head !== undefined && seal !== null && !isAuthentic(vault, head)) problems.push(`changed: the end of chain ${lane}, which Tenure has not written`);
  }
  if (seal === null && events > 0) problems.push('the ends of the chains are not authenticated yet: Tenure does that with the first change that it writes');
  const lastAnchor = anchors.at(-1);
  if (lastAnchor !== undefined && newest !== null && Date.parse(newest) > Date.parse(lastAnchor.at) + longestWithoutAnchor)
    problems.push(`anchor missing: there is none after ${lastAnchor.at}, though events were written until ${newest}`);
  return { events, problems, sealedAt: seal?.at ?? null };
}

/** Problems of events and ends whose chain does not exist. */
async function strays(em: EntityManager, lanes: readonly number[]): Promise<string[]> {
  const events = await run<{ lane: number; count: string; id: string }>(
    em,
    'select lane, count(*), min(id::text) as id from audit_event where lane < 1 or lane > $1 group by lane order by lane',
    [LANES],
  );
  return [
    ...events.map(({ lane, count, id }) => `inserted: ${count} events in chain ${lane}, which does not exist, such as event ${id}`),
    ...lanes.filter((lane) => lane < 1 || lane > LANES).map((lane) => `inserted: the end of chain ${lane}, which does not exist`),
  ];
}

/** Last anchored end of each chain, by its number. */
function lastOf(anchors: readonly Pick<AuditAnchor, 'heads'>[]): Map<number, AuditHead> {
  return new Map(anchors.flatMap(({ heads }) => heads.map((head) => [head.lane, head] as const)));
}

interface Expected {
  readonly hash: string;
  readonly at: Instant;
}

/** Anchored events by lane and number. */
function expectedOf(anchors: readonly Pick<AuditAnchor, 'at' | 'heads'>[]): Map<number, Map<number, Expected>> {
  const expected = new Map<number, Map<number, Expected>>();
  for (const { at, heads } of anchors)
    for (const { lane, sequence, hash } of heads) {
      const ofLane = expected.get(lane) ?? new Map<number, Expected>();
      expected.set(lane, ofLane);
      if (sequence > 0 && !ofLane.has(sequence)) ofLane.set(sequence, { hash, at });
    }
  return expected;
}

interface ReadLane {
  readonly events: number;
  readonly problems: readonly string[];
  readonly last: Omit<AuditHead, 'lane'>;
  readonly newest: Instant | null;
}

async function readLane(em: EntityManager, vault: Vault, lane: number, base: AuditHead | null, expected: ReadonlyMap<number, Expected>): Promise<ReadLane> {
  const problems: string[] = [];
  let events = 0;
  let newest: Instant | null = null;
  let { sequence, hash } = base ?? { sequence: 0, hash: '' };
  if (base !== null && base.sequence > 0) {
    const [row] = await run<{ hash: string }>(em, 'select hash from audit_event where lane = $1 and sequence = $2', [lane, base.sequence]);
    if (row?.hash !== base.hash) problems.push(`changed or removed: chain ${lane}, number ${base.sequence}, which was anchored`);
  }
  const met = new Set<number>();
  for (;;) {
    const rows = (await em.find(
      AuditEventRow,
      { lane, sequence: { $gt: sequence } },
      { orderBy: { sequence: 'asc' }, limit: 1000, disableIdentityMap: true },
    )) as AuditRow[];
    if (rows.length === 0) break;
    for (const row of rows) {
      events += 1;
      const name = `event ${row.id} (chain ${row.lane}, number ${row.sequence})`;
      if (row.sequence !== sequence + 1)
        problems.push(`removed: chain ${row.lane}, number ${sequence + 1}${row.sequence > sequence + 2 ? ` to ${row.sequence - 1}` : ''}, before ${name}`);
      else if (row.previousHash !== hash) problems.push(`inserted or its predecessor changed: ${name} does not follow the one before it`);
      if (hashOf(vault, row) !== row.hash) problems.push(`changed: ${name}`);
      const anchored = expected.get(row.sequence);
      if (anchored !== undefined) met.add(row.sequence);
      if (anchored !== undefined && anchored.hash !== row.hash) problems.push(`changed: ${name} is not the one that was anchored at ${anchored.at}`);
      if (newest === null || row.at > newest) newest = row.at;
      ({ sequence, hash } = row);
    }
  }
  const lost = [...expected].filter(([number]) => !met.has(number));
  const [last] = lost.toSorted(([a], [b]) => b - a);
  if (last !== undefined) problems.push(`removed: chain ${lane}, which was anchored up to number ${last[0]} at ${last[1].at}`);
  return { events, problems, last: { sequence, hash }, newest };
}
