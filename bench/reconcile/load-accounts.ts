import { Client } from 'pg';

/** Accounts of Tenure in one target, made from their number: identity, account and desired state, all confirmed. */
export interface LoadedTarget {
  readonly name: string;
  /** SQL expression of the target's own id for the number `n`. */
  readonly nativeId: string;
  /** SQL expression of the desired attributes for the number `n`, as jsonb. */
  readonly attributes: string;
  /** Names of the two groups: everybody is in the first, and every second one in the other. */
  readonly groups: readonly [string, string];
}

/** One in so many accounts is missing in the target, has another name there, or belongs to nobody. */
export const oneIn = 1000;

/** SQL expression of the identity's id for the number `n`. */
const identityId = `('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`;

/** Loads people with the numbers 1 to `count`, and their accounts, as if Tenure had created them long ago. */
export async function loadAccounts(databaseUrl: string, count: number, targets: readonly LoadedTarget[]): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // Without triggers: a notification for each row would be another measurement.
    await client.query('set session_replication_role = replica');
    await client.query(
      `insert into identity (id, user_name, user_type, attributes, groups, created_at, search_text, state, activations, relationships, time_zone, endings, questions, reported_activity, revision)
       select ${identityId}, 'user' || n, 'employee', '{}', '[]', '2026-01-01', 'user' || n, 'active', '[]', '[]', 'UTC', '{}', '[]', '[]', 1 from generate_series(1, $1::int) n`,
      [count],
    );
    for (const { name, nativeId, attributes, groups } of targets)
      await client.query(
        `insert into account (id, identity_id, target, user_name, native_id, desired, observed, observed_at, confirmed_at, existed, ever_enabled, accepted, desired_since)
         select gen_random_uuid(), ${identityId}, $2, 'user' || n, ${nativeId},
           jsonb_build_object('target', $2::text, 'userName', 'user' || n, 'state', 'enabled', 'attributes', ${attributes},
             'entitlements', case when n % 2 = 0 then jsonb_build_array($4::text, $3::text) else jsonb_build_array($3::text) end),
           '{"enabled": true}', '2026-01-01', '2026-01-01', true, true, '{"attributes": {}, "memberships": {}, "state": null}', '2026-01-01'
         from generate_series(1, $1::int) n`,
        [count, name, groups[0], groups[1]],
      );
    await client.query('analyze identity');
    await client.query('analyze account');
  } finally {
    await client.end();
  }
}

/** Gives accounts the ids that their target has chosen. @param ids by user name */
export async function setNativeIds(databaseUrl: string, target: string, ids: ReadonlyMap<string, string>): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    await client.query(
      'update account a set native_id = x.id from unnest($2::text[], $3::text[]) x (user_name, id) where a.target = $1 and a.user_name = x.user_name',
      [target, [...ids.keys()], [...ids.values()]],
    );
    await client.query('analyze account');
  } finally {
    await client.end();
  }
}
