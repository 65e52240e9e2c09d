const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Names of the tables of a run, in a schema that holds nothing else. */
export interface RunTables {
  /** Accounts that it has read. */
  readonly read: string;
  /** Accounts that it has not read, and requests one by one. */
  readonly looks: string;
  /** Memberships that it has read by group, apart from the accounts. */
  readonly memberships: string;
  /** Ids of the accounts that it has read and that have to be compared. */
  readonly different: string;
  /** Signs of accounts that the listing shows beside that. */
  readonly signs: string;
}

/** @throws Error for anything but a UUID, since names of tables cannot be passed as values */
export function tablesOf(runId: string): RunTables {
  if (!uuid.test(runId)) throw new Error('not the id of a run');
  const id = runId.replaceAll('-', '');
  const named = (kind: string): string => `staging.${kind}_${id}`;
  return { read: named('run'), looks: named('look'), memberships: named('membership'), different: named('different'), signs: named('sign') };
}

/**
 * Condition that a row `a` of `account` should exist in the target `$1`, existed there before, and was not read by the run. Rows match by the target's
 * id, or by the mark where Tenure does not know that id.
 */
export const isUnread = ({ read }: RunTables): string =>
  `a.target = $1 and a.existed and a.desired->>'state' <> 'absent' and a.desired->'onlyExisting' is distinct from 'true'::jsonb
  and not exists (select 1 from ${read} s where s.native_id = a.native_id collate "C")
  and not (a.native_id is null and exists (select 1 from ${read} s where s.external_id = a.identity_id::text))`;
