import type { Vault } from './vault.ts';

/** An event of the audit as it is stored in the database. */
export interface AuditRow {
  readonly lane: number;
  readonly sequence: number;
  readonly id: string;
  readonly at: string;
  readonly actorKind: string;
  readonly actorId: string;
  readonly action: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly identityId: string | null;
  readonly reason: Readonly<Record<string, unknown>>;
  readonly personal: string | null;
  readonly correlationId: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** Keyed hash of an event, which includes the hash of the previous one. */
export function hashOf(vault: Vault, row: Omit<AuditRow, 'hash'>): string {
  return vault.chain(canonical(row));
}

/** Canonical text of an event: the same in whatever order the database stores the keys of a JSON value. */
function canonical(row: Omit<AuditRow, 'hash'>): string {
  const { lane, sequence, id, at, actorKind, actorId, action, subjectKind, subjectId, identityId, reason, personal, correlationId, previousHash } = row;
  return JSON.stringify([
    lane,
    sequence,
    id,
    at,
    actorKind,
    actorId,
    action,
    subjectKind,
    subjectId,
    identityId,
    sorted(reason),
    personal,
    correlationId,
    previousHash,
  ]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}
