import type { LifecycleState } from '@tenure/domain';
import type { StoredAccount, StoredOperation } from './access.ts';
import { fromJsonRow } from './rows.ts';

/** An account whose turn was taken, with its operations that wait, have failed or were given up. */
export interface ClaimedAccount {
  readonly account: StoredAccount;
  readonly operations: readonly StoredOperation[];
}

/** The same for one account alone. */
export interface ClaimedAlone extends ClaimedAccount {
  /** Of the person, when the turn was taken. */
  readonly state: LifecycleState;
  /** Whether an operator holds anything back of this person or in any target. */
  readonly isHeld: boolean;
}

interface ClaimRow {
  readonly account: Readonly<Record<string, unknown>>;
  readonly operations: readonly Readonly<Record<string, unknown>>[];
}

const claimed = `'account', a, 'operations', (select coalesce(json_agg(x), '[]') from
  (select * from operation where account_id = a.id and status in ('pending', 'failed', 'given-up') order by created_at, position) x)`;

/** `claimed`: those with these ids, in the order of people. */
export const readClaimed = `select json_build_object(${claimed}) as claimed from account a where id = any($1::uuid[]) order by identity_id`;

/** `claimed`: the one of a person ($1) in a target ($2), or null where somebody else ($3 is oneself) has the turn. */
export const readClaimedAlone = `select case when a.lease_by = $3 then json_build_object(${claimed}, 'state', (select state from identity where id = a.identity_id),
  'isHeld', exists (select 1 from hold h where h.ended_at is null and (h.target is not null or h.identity_id = a.identity_id))) end as claimed
  from account a where identity_id = $1::uuid and target = $2`;

/** As the database has written it: a text or, by another driver's choice, read already. */
export function toClaimed<T extends ClaimedAccount>(row: string | object): T {
  const { account, operations, ...more } = (typeof row === 'string' ? JSON.parse(row) : row) as ClaimRow;
  const { lease_by: _by, lease_until: _until, ...kept } = account;
  return { ...more, account: fromJsonRow(kept), operations: operations.map(({ kind: _kind, ...operation }) => fromJsonRow(operation)) } as unknown as T;
}
