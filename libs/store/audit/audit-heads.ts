import type { EntityManager } from '@mikro-orm/postgresql';
import type { Instant } from '@tenure/domain';
import { run } from '../database/statement.ts';
import type { Vault } from './vault.ts';

/** Number of chains (lanes) of the audit, numbered from 1, and so of transactions that can write it concurrently. */
export const LANES = 32;

/** End of one chain of the audit. */
export interface AuditHead {
  readonly lane: number;
  /** Number of its last event; 0: it has none. */
  readonly sequence: number;
  /** Hash of its last event; empty: it has none. */
  readonly hash: string;
}

/** A head as it is stored in the database. */
export interface StoredHead extends AuditHead {
  /** Keyed hash of the head under the audit key; empty before the audit was sealed. */
  readonly mac: string;
}

/** Authenticates a head: without the audit key nobody can forge another end of a chain. */
export function headMac(vault: Vault, { lane, sequence, hash }: AuditHead): string {
  return vault.attest('audit head', JSON.stringify([lane, sequence, hash]));
}

export function isAuthentic(vault: Vault, head: StoredHead): boolean {
  return head.mac === headMac(vault, head);
}

export async function readHeads(em: EntityManager): Promise<readonly StoredHead[]> {
  const rows = await run<Omit<StoredHead, 'sequence'> & { readonly sequence: string }>(
    em,
    'select lane, sequence, hash, mac from audit_lane order by lane',
    [],
  );
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

/** Start of the authentication of heads: its instant, its key, and the ends of the chains then. */
export interface AuditSeal {
  readonly at: Instant;
  readonly reason: string;
  readonly heads: readonly AuditHead[];
  readonly isAuthentic: boolean;
}

interface SealRow {
  readonly at: Date | string;
  readonly reason: string;
  readonly heads: readonly (readonly [lane: number, sequence: number, hash: string])[];
  readonly mac: string;
}

/** The seal in force; `null`: there is none yet. */
export async function readSeal(em: EntityManager, vault: Vault): Promise<AuditSeal | null> {
  const [row] = await run<SealRow>(em, 'select at, reason, heads, mac from audit_seal order by number desc limit 1', []);
  if (row === undefined) return null;
  const at = new Date(row.at).toISOString();
  const heads = row.heads.map(([lane, sequence, hash]) => ({ lane, sequence, hash }));
  return { at, reason: row.reason, heads, isAuthentic: row.mac === sealMac(vault, at, row.reason, heads) };
}

/**
 * Authenticates every current head, and stores the heads as a seal.
 * @param reason `began`, or the reason of the administrator who reseals
 */
export async function sealHeads(em: EntityManager, vault: Vault, reason: string, now: Instant): Promise<readonly AuditHead[]> {
  const heads = (await run<StoredHead>(em, 'select lane, sequence, hash, mac from audit_lane order by lane for update', [])).map(
    ({ lane, sequence, hash }) => ({
      lane,
      sequence: Number(sequence),
      hash,
    }),
  );
  const macs = heads.map((head) => headMac(vault, head));
  await run(em, 'update audit_lane set mac = given.mac from unnest($1::int[], $2::text[]) given (lane, mac) where audit_lane.lane = given.lane', [
    heads.map(({ lane }) => lane),
    macs,
  ]);
  const listed = JSON.stringify(heads.map(({ lane, sequence, hash }) => [lane, sequence, hash]));
  await run(em, 'insert into audit_seal (at, reason, heads, mac) values ($1, $2, $3::jsonb, $4)', [now, reason, listed, sealMac(vault, now, reason, heads)]);
  return heads;
}

/** Seals the audit unless it is sealed. @throws Error when it was sealed under another key: new events would prove nothing */
export async function mustBeSealed(em: EntityManager, vault: Vault, now: Instant): Promise<void> {
  const look = async (): Promise<boolean> => {
    const seal = await readSeal(em, vault);
    if (seal !== null && !seal.isAuthentic)
      throw new Error('TENURE_AUDIT_KEY is not the key of this audit. Set the right one; if it is lost, npm run audit:seal begins anew under this one.');
    return seal !== null;
  };
  if (await look()) return;
  await run(em, 'select pg_advisory_xact_lock(7001)', []);
  if (!(await look())) await sealHeads(em, vault, 'began', now);
}

function sealMac(vault: Vault, at: Instant, reason: string, heads: readonly AuditHead[]): string {
  return vault.attest('audit seal', JSON.stringify([at, reason, heads.map(({ lane, sequence, hash }) => [lane, sequence, hash])]));
}
