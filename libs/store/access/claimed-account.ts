import type { LifecycleState, Observation } from '@tenure/domain';
import type { StoredSuspension } from '../suspensions/suspensions.ts';
import { fromJsonRow } from '../database/rows.ts';
import type { StoredOperation } from './stored-operation.ts';
import type { StoredAccount } from './stored-account.ts';

/** An account whose turn was taken, with its operations that wait, have failed or were given up. */
export interface ClaimedAccount {
  readonly account: StoredAccount;
  readonly operations: readonly StoredOperation[];
  /** Rows of the ledger about the account that do not show what is desired. */
  readonly ledger: readonly Observation[];
  /** Memberships that matter for the account and that the target has shown of somebody, at any time. */
  readonly shown: readonly string[];
  /** Open suspensions of the person and of all targets. */
  readonly suspensions: readonly StoredSuspension[];
  /** Of the person, when the turn was taken. */
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

/** `claimed`: those with these ids, in the order of people. */
export const readClaimed = `select json_build_object(${claimed}) as claimed from account a where id = any($1::uuid[]) order by identity_id`;

/** `claimed`: the one of a person ($1) in a target ($2), or null where somebody else ($3 is oneself) has the turn. */
export const readClaimedAlone = `select case when a.lease_by = $3 then json_build_object(${claimed}) end as claimed from account a where identity_id = $1::uuid and target = $2`;

/** As the database has written it: a text or, by another driver's choice, read already. */
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
