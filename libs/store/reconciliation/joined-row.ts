import type { EntityManager } from '@mikro-orm/postgresql';
import type { AcceptedWrites, DesiredAccount, Instant, Lifecycle, StagedAccount } from '@tenure/domain';
import { fromJsonRow } from '../database/rows.ts';
import { runOnce } from '../database/statement.ts';

/** An account as read from the target, joined with that of Tenure; one of the two may be missing. */
export interface JoinedRow {
  readonly staged: StagedAccount | null;
  readonly account: {
    readonly id: string;
    readonly identityId: string;
    readonly nativeId: string | null;
    readonly userName: string;
    readonly desired: DesiredAccount;
    readonly existed: boolean;
    readonly accepted: AcceptedWrites;
    readonly desiredSince: Instant;
    /** When it was last confirmed; `null`: it is not confirmed. */
    readonly confirmedAt: Instant | null;
    /** When it was last observed to exist; `null`: it is not known to. */
    readonly seenAt: Instant | null;
    /** True if operations are pending. */
    readonly isPending: boolean;
    readonly state: Lifecycle['state'];
    /** Hash of the desired state. */
    readonly desiredHash: string;
  } | null;
  /** Hash of the account as it was read; absent: it was not. */
  readonly stagedHash?: string;
  /** Identity whose id is the mark of an account that Tenure does not know as theirs; `null`: none. */
  readonly marked: { readonly identityId: string; readonly state: Lifecycle['state'] } | null;
}

/** Expression of the hash of the desired state for a row `a` of the table `account`, which also has the values. */
export const desiredHash = `encode(sha256(convert_to(a.desired::text, 'UTF8')), 'hex')`;

/** Expression of `JoinedRow.account` for a row `a` of the table `account`. */
export const accountColumns = `json_build_object('id', a.id, 'identityId', a.identity_id, 'nativeId', a.native_id, 'userName', a.user_name, 'desired', a.desired, 'existed', a.existed, 'accepted', a.accepted,
  'desiredSince', to_char(a.desired_since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'confirmedAt', to_char(a.confirmed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
  'seenAt', case when a.observed is not null then to_char(a.observed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end, 'isPending', exists (select 1 from operation o where o.account_id = a.id and o.status = 'pending'),
  'desiredHash', ${desiredHash}, 'state', (select i.state from identity i where i.id = a.identity_id))`;

/** Rows of a statement about the tables of a run, whose text does not recur. */
export async function readJoined<T = JoinedRow>(em: EntityManager, text: string, values: readonly unknown[]): Promise<T[]> {
  const rows = await runOnce<{ row: string }>(em, `select to_json(x)::text as row from (${text}) x`, values);
  return rows.map(({ row }) => fromJsonRow<T>(JSON.parse(row) as Readonly<Record<string, unknown>>));
}
