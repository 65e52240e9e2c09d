import { Client } from 'pg';

/**
 * Fills a population with copies of one person who was decided normally: all their stored data, with other ids, numbers and
 * addresses, up to this many. Without triggers and checks of references: the originals were checked.
 */
export async function fill(databaseUrl: string, template: string, from: number, upTo: number): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const [table, key, changes] of copies) {
      await client.query(
        `insert into ${table} select (jsonb_populate_record(t, ${changes})).* from ${table} t cross join generate_series($2::int, $3::int) n where t.${key} = $1::uuid`,
        [template, from + 1, upTo],
      );
    }
    // Autovacuum does this within a minute or two; the bench does not wait for it.
    for (const [table] of copies) await client.query(`vacuum (analyze) ${table}`);
  } finally {
    await client.end();
  }
}

const person = `md5('person ' || n)::uuid`;
const own = (table: string): string => `'id', md5('${table} ' || t.id || n)::uuid, 'identity_id', ${person}`;
const facts = `t.facts || jsonb_build_object('employeeNumber', 'B-' || n, 'email', 'bulk' || n || '@contoso.example')`;

/** Table, column with the person's id, and columns that differ in each copy. */
const copies = [
  ['identity', 'id', `jsonb_build_object('id', ${person}, 'user_name', 'bulk' || n, 'search_text', 'bulk' || n || ' bulk' || n || '@contoso.example b-' || n)`],
  ['source_record', 'identity_id', `jsonb_build_object(${own('record')}, 'external_id', 'bulk|' || n, 'facts', ${facts})`],
  ['login_subject', 'identity_id', `jsonb_build_object('identity_id', ${person}, 'subject', 'bulk-' || n)`],
  ['access_grant', 'identity_id', `jsonb_build_object(${own('grant')})`],
  ['account', 'identity_id', `jsonb_build_object(${own('account')}, 'user_name', 'bulk' || n, 'confirmed_at', now())`],
  ['person_key', 'identity_id', `jsonb_build_object('identity_id', ${person})`],
] as const;
