import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { type AuditHead, isAuthentic, LANES, readHeads } from './audit-heads.ts';
import { run } from '../database/statement.ts';
import type { Vault } from './vault.ts';

/** Ends of the audit's chains at an instant, kept outside of the database, authenticated under the audit key. */
export interface AuditAnchor {
  readonly at: Instant;
  /** Ends of chains that have grown since the previous anchor; of all chains in the first anchor of a process. */
  readonly heads: readonly AuditHead[];
  /** `mac` of the previous anchor of the same process; `null`: this is its first. */
  readonly previous: string | null;
  /** True if this is the last anchor of the process, taken as it stopped. */
  readonly isLast: boolean;
  readonly mac: string;
}

/** An anchor, with the data that the next one of this process needs. */
export interface TakenAnchor {
  readonly anchor: AuditAnchor;
  /** Last anchored end of every chain. */
  readonly known: readonly AuditHead[];
  /** Problems of the chains' ends, one sentence each; a chain with a problem is not anchored. */
  readonly problems: readonly string[];
}

/** Anchors the ends of the chains. @param before previous anchor of this process */
export async function takeAnchor(em: EntityManager, vault: Vault, now: Instant, before: TakenAnchor | null, isLast: boolean): Promise<TakenAnchor> {
  const heads = await readHeads(em);
  const known = new Map((before?.known ?? []).map((head) => [head.lane, head]));
  const gone = await missing(em, before?.known ?? []);
  const problems: string[] = [];
  const grown: AuditHead[] = [];
  const kept: AuditHead[] = [];
  for (const head of heads) {
    const { lane, sequence, hash } = head;
    const last = known.get(lane);
    const problem = problemOf(vault, head, last, gone);
    if (problem !== null) problems.push(problem);
    if (problem === null && (last === undefined || last.sequence < sequence)) grown.push({ lane, sequence, hash });
    if (problem === null) kept.push({ lane, sequence, hash });
    else if (last !== undefined) kept.push(last);
  }
  for (let lane = 1; lane <= LANES; lane += 1) if (!heads.some((head) => head.lane === lane)) problems.push(`chain ${lane} has no end any more`);
  const unsigned = { at: now, heads: grown, previous: before?.anchor.mac ?? null, isLast };
  return { anchor: { ...unsigned, mac: anchorMac(vault, unsigned) }, known: kept, problems };
}

function problemOf(vault: Vault, head: Parameters<typeof isAuthentic>[1], last: AuditHead | undefined, gone: ReadonlySet<number>): string | null {
  if (head.lane < 1 || head.lane > LANES) return `chain ${head.lane} does not exist, yet has an end`;
  if (!isAuthentic(vault, head)) return `the end of chain ${head.lane} was not written by Tenure`;
  if (last === undefined) return null;
  if (head.sequence < last.sequence || (head.sequence === last.sequence && head.hash !== last.hash))
    return `chain ${head.lane} ends at number ${head.sequence}, but was anchored at number ${last.sequence}`;
  return gone.has(head.lane) ? `number ${last.sequence} of chain ${head.lane} is another one than was anchored` : null;
}

/** Numbers of chains whose anchored end is no longer in the audit. */
async function missing(em: EntityManager, known: readonly AuditHead[]): Promise<ReadonlySet<number>> {
  const begun = known.filter(({ sequence }) => sequence > 0);
  const rows = await run<{ lane: number }>(
    em,
    `select k.lane from unnest($1::int[], $2::bigint[], $3::text[]) k (lane, sequence, hash)
      where not exists (select from audit_event e where e.lane = k.lane and e.sequence = k.sequence and e.hash = k.hash)`,
    [begun.map(({ lane }) => lane), begun.map(({ sequence }) => sequence), begun.map(({ hash }) => hash)],
  );
  return new Set(rows.map(({ lane }) => lane));
}

/** An anchor as one line of JSON: alone in a file of them, or among the lines of a log. */
export function anchorLine(anchor: AuditAnchor): string {
  return JSON.stringify({ auditAnchor: anchorValue(anchor) });
}

/** An anchor as plain data, in few bytes. */
export function anchorValue({ at, heads, previous, isLast, mac }: AuditAnchor): Readonly<Record<string, unknown>> {
  return { at, heads: heads.map(({ lane, sequence, hash }) => [lane, sequence, hash]), previous, last: isLast, mac };
}

/** Milliseconds within which every running process anchors again. */
const settled = 150_000;

/**
 * Reads anchors from anchor files or from a log.
 * @returns anchors that are authentic under this key, in chronological order, and problems of the others and of gaps
 */
export function readAnchors(vault: Vault, lines: Iterable<string>): { readonly anchors: readonly AuditAnchor[]; readonly problems: readonly string[] } {
  const byMac = new Map<string, AuditAnchor>();
  const problems: string[] = [];
  let number = 0;
  for (const line of lines) {
    number += 1;
    if (!line.includes('"auditAnchor"')) continue;
    const anchor = parsed(line);
    if (anchor === null || anchorMac(vault, anchor) !== anchor.mac) problems.push(`anchor changed: line ${number}`);
    else byMac.set(anchor.mac, anchor);
  }
  const anchors = [...byMac.values()].toSorted((a, b) => (a.at < b.at ? -1 : 1));
  const begins = Date.parse(anchors[0]?.at ?? '') + settled;
  for (const { at, previous } of anchors) {
    // The first anchor of a file may follow one in an older file.
    if (previous !== null && !byMac.has(previous) && Date.parse(at) > begins) problems.push(`anchor removed: the one before that of ${at}`);
  }
  return { anchors, problems };
}

function parsed(line: string): AuditAnchor | null {
  try {
    const { auditAnchor: value } = JSON.parse(line) as { auditAnchor?: Partial<Record<'at' | 'heads' | 'previous' | 'last' | 'mac', unknown>> };
    const { at, heads, previous, last, mac } = value ?? {};
    if (typeof at !== 'string' || !Array.isArray(heads) || (previous !== null && typeof previous !== 'string') || typeof last !== 'boolean') return null;
    if (typeof mac !== 'string' || !heads.every((head) => Array.isArray(head) && head.length === 3)) return null;
    return { at, heads: (heads as [number, number, string][]).map(([lane, sequence, hash]) => ({ lane, sequence, hash })), previous, isLast: last, mac };
  } catch {
    return null;
  }
}

function anchorMac(vault: Vault, { at, heads, previous, isLast }: Omit<AuditAnchor, 'mac'>): string {
  return vault.attest('audit anchor', JSON.stringify([at, heads.map(({ lane, sequence, hash }) => [lane, sequence, hash]), previous, isLast]));
}
