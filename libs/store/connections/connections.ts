import type { EntityManager } from '@mikro-orm/postgresql';
import type { ConnectionCheck, ConnectionKind, Instant } from '@tenure/domain';
import { run } from '../database/statement.ts';

/** A target or identity provider, by its name in tenure.yaml. */
export interface ConnectionName {
  readonly kind: ConnectionKind;
  readonly name: string;
}

/** Result of a connection's last test. */
export interface StoredConnection extends ConnectionName {
  /** Result of the last test; `null`: never tested. */
  readonly result: ConnectionCheck | null;
  readonly isWorking: boolean | null;
  readonly checkedAt: Instant | null;
  /** Worker that tested it. */
  readonly checkedBy: string | null;
  /** When it began to work, or to fail. */
  readonly since: Instant | null;
  /** Number of failed tests in a row. */
  readonly failures: number;
  /** When the next test is due. */
  readonly nextAt: Instant;
  /** When a new test was requested that has not been made yet; `null`: none is pending. */
  readonly requestedAt: Instant | null;
}

/** Numbers of people and operations that wait for a target without a usable answer. */
export interface WaitingForTarget {
  readonly people: number;
  readonly operations: number;
}

export interface Connections {
  /** Results of all connections, in the order of kinds and names. */
  all(): Promise<readonly StoredConnection[]>;
  /** Makes a test of these due now, and deletes all others. @returns the deleted ones */
  follow(names: readonly ConnectionName[], now: Instant): Promise<readonly ConnectionName[]>;
  /** Leases the due ones of these for a test until `until`. */
  claim(names: readonly ConnectionName[], now: Instant, until: Instant): Promise<readonly StoredConnection[]>;
  save(connection: StoredConnection): Promise<void>;
  /** Requests a test as soon as a worker is notified. */
  request(name: ConnectionName, now: Instant): Promise<StoredConnection>;
  /** Makes a test of a target due now, if its last result was `isWorking`. */
  doubt(target: string, isWorking: boolean, now: Instant): Promise<void>;
  /** Numbers of people and operations that wait in a target after an attempt without a usable answer. */
  waiting(target: string): Promise<WaitingForTarget>;
}

export function createConnections(em: EntityManager): Connections {
  const named = (names: readonly ConnectionName[]): string => JSON.stringify(names.map(({ kind, name }) => ({ kind, name })));
  return {
    all: async () => (await em.execute<Row[]>('select * from connection_check order by kind desc, name')).map(toConnection),
    async follow(names, now) {
      await run(
        em,
        `insert into connection_check (kind, name, next_at) select n.kind, n.name, $2::timestamptz from jsonb_to_recordset($1::jsonb) n (kind text, name text)
         on conflict (kind, name) do update set next_at = least(connection_check.next_at, excluded.next_at)`,
        [named(names), now],
      );
      return run<ConnectionName>(
        em,
        `delete from connection_check c where not exists (select 1 from jsonb_to_recordset($1::jsonb) n (kind text, name text) where n.kind = c.kind and n.name = c.name)
         returning kind, name`,
        [named(names)],
      );
    },
    async claim(names, now, until) {
      const rows = await run<Row>(
        em,
        `update connection_check c set next_at = $3::timestamptz from (
           select d.kind, d.name from connection_check d join jsonb_to_recordset($1::jsonb) n (kind text, name text) on n.kind = d.kind and n.name = d.name
           where d.next_at <= $2::timestamptz for update of d skip locked) due
         where c.kind = due.kind and c.name = due.name returning c.*`,
        [named(names), now, until],
      );
      return rows.map(toConnection);
    },
    async save({ kind, name, result, isWorking, checkedAt, checkedBy, since, failures, nextAt, requestedAt }) {
      await run(
        em,
        // A test that was requested during this one stays requested.
        `update connection_check set result = $3::jsonb, is_working = $4, checked_at = $5::timestamptz, checked_by = $6, since = $7::timestamptz, failures = $8,
           next_at = case when requested_at is distinct from $10::timestamptz then $5::timestamptz else $9::timestamptz end,
           requested_at = case when requested_at is distinct from $10::timestamptz then requested_at end
         where kind = $1 and name = $2`,
        [kind, name, JSON.stringify(result), isWorking, checkedAt, checkedBy, since, failures, nextAt, requestedAt],
      );
    },
    async request({ kind, name }, now) {
      const [row] = await run<Row>(
        em,
        `insert into connection_check (kind, name, next_at, requested_at) values ($1, $2, $3::timestamptz, $3::timestamptz)
         on conflict (kind, name) do update set next_at = excluded.next_at, requested_at = excluded.requested_at returning *`,
        [kind, name, now],
      );
      if (row === undefined) throw new Error('an upsert answered with nothing');
      return toConnection(row);
    },
    async doubt(target, isWorking, now) {
      await run(
        em,
        `update connection_check set next_at = $3::timestamptz where kind = 'target' and name = $1 and is_working = $2 and next_at > $3::timestamptz`,
        [target, isWorking, now],
      );
    },
    async waiting(target) {
      const [row] = await run<{ people: number; operations: number }>(
        em,
        `select count(distinct identity_id)::int as people, count(*)::int as operations from operation
         where target = $1 and status = 'pending' and last_error->>'code' in ('CONNECTOR_UNAVAILABLE', 'CONNECTOR_REFUSED')`,
        [target],
      );
      return row ?? { people: 0, operations: 0 };
    },
  };
}

interface Row {
  readonly kind: ConnectionKind;
  readonly name: string;
  readonly result: ConnectionCheck | null;
  readonly is_working: boolean | null;
  readonly checked_at: string | Date | null;
  readonly checked_by: string | null;
  readonly since: string | Date | null;
  readonly failures: number;
  readonly next_at: string | Date;
  readonly requested_at: string | Date | null;
}

function toConnection(row: Row): StoredConnection {
  const instant = (at: string | Date | null): Instant | null => (at === null ? null : new Date(at).toISOString());
  return {
    kind: row.kind,
    name: row.name,
    result: row.result,
    isWorking: row.is_working,
    checkedAt: instant(row.checked_at),
    checkedBy: row.checked_by,
    since: instant(row.since),
    failures: row.failures,
    nextAt: new Date(row.next_at).toISOString(),
    requestedAt: instant(row.requested_at),
  };
}
