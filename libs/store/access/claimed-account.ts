import type { LifecycleState, Observation } from '@tenure/domain';
import type { StoredSuspension } from '../suspensions/suspensions.ts';
import { fromJsonRow } from '../database/rows.ts';
import type { StoredOperation } from './stored-operation.ts';
import type { StoredAccount } from './stored-account.ts';

/** A leased account, with its pending, failed and abandoned operations. */
export interface ClaimedAccount {
  readonly account: StoredAccount;
  readonly operations: readonly StoredOperation[];
  /** Observations of the account that do not show the desired state. */
  readonly ledger: readonly Observation[];
  /** Entitlements of the account's memberships of which the target has ever shown a member. */
  readonly shown: readonly string[];
  /** Open suspensions of the person and of all targets. */
  readonly suspensions: readonly StoredSuspension[];
  /** State of the person when the lease was taken. */
  readonly state: LifecycleState;
}

interface ClaimRow {
  readonly account: Readonly<Record<string, unknown>>;
  readonly operations: readonly Readonly<Record<string, unknown>>[];
  readonly suspensions: readonly Readonly<Record<string, unknown>>[];
  readonly ledger: readonly Observation[];
  readonly shown: readonly string[];
  readonly state: LifecycleState;
}

const claimed = `'account', a, 'operations', (select coalesce(json_agg(x), '[]') from
  (select * from operation where account_id = a.id and status in ('pending', 'failed', 'given-up') order by created_at, position) x),
  'ledger', (select coalesce(json_agg(x), '[]') from (select aspect, name, verdict, value, evidence, desired, readings, since from observation where account_id = a.id and verdict <> 'PRESENT') x),
  'shown', (select coalesce(json_agg(s.entitlement), '[]') from membership_shown s where s.target = a.target and s.entitlement in (select jsonb_object_keys(a.accepted->'memberships'))),
  'suspensions', (select coalesce(json_agg(x), '[]') from (select * from hold h where h.ended_at is null and (h.target is not null or h.identity_id = a.identity_id)) x),
  'state', (select state from identity where id = a.identity_id)`;

/** Statement that reads leased accounts by id as `claimed`, in the order of identities. */
export const readClaimed = `select json_build_object(${claimed}) as claimed from account a where id = any($1::uuid[]) order by identity_id`;

/** Statement that reads the account of a person ($1) in a target ($2) as `claimed`: null when another worker than the caller ($3) has the lease. */
export const readClaimedAlone = `select case when a.lease_by = $3 then json_build_object(${claimed}) end as claimed from account a where identity_id = $1::uuid and target = $2`;

/** Converts a row of the database: JSON text, or an object where the driver has parsed it. */
export function toClaimed(row: string | object): ClaimedAccount {
  const { account, operations, suspensions, ledger, shown, state } = (typeof row === 'string' ? JSON.parse(row) : row) as ClaimRow;
  const { lease_by: _by, lease_until: _until, ...kept } = account;
  return {
    account: fromJsonRow(kept),
    operations: operations.map(({ kind: _kind, ...operation }) => fromJsonRow(operation)),
    suspensions: suspensions.map(({ is_told: _told, ...hold }) => fromJsonRow(hold)),
    ledger: ledger.map((one) => ({ ...one, since: new Date(one.since).toISOString() })),
    shown,
    state,
  };
}
