import { Client } from 'pg';
import type { Sample } from '../row.ts';
import { oneIn } from './load-accounts.ts';

/** Accounts on a page, as the connector asks for them. */
const pageSize = 500;

const columns = 'id::text AS native_id, login AS user_name, external_id, active AS enabled, full_name, mail';

const list = (page: string, limit: string): string => `SELECT ${columns} FROM accounts WHERE id > COALESCE(${page}, '0')::bigint ORDER BY id LIMIT ${limit}`;
const memberships = (nativeId: string): string => `SELECT role AS entitlement FROM account_roles WHERE account_id = ${nativeId}::bigint ORDER BY role`;

/** Settings of a SQL target, as lines of tenure.yaml. @param url reference to the variable with its address */
export const sqlTarget = (name: string, url: string, ratePerSecond: number): string => `
  ${name}:
    title: ${name}
    kind: sql
    url: ${url}
    tls: none
    timeout: PT30S
    ratePerSecond: ${ratePerSecond}
    statements:
      list: "${list(':page', ':limit')}"
      find: "SELECT ${columns} FROM accounts WHERE login = :userName"
      read: "SELECT ${columns} FROM accounts WHERE id = :nativeId::bigint"
      create: "INSERT INTO accounts (login, external_id, active, full_name, mail) VALUES (:userName, :externalId, :enabled, :full_name, :mail) RETURNING id::text AS native_id"
      update: "UPDATE accounts SET external_id = :externalId, full_name = :full_name, mail = :mail WHERE id = :nativeId::bigint"
      enable: "UPDATE accounts SET active = true WHERE id = :nativeId::bigint"
      disable: "UPDATE accounts SET active = false WHERE id = :nativeId::bigint"
      delete: "DELETE FROM accounts WHERE id = :nativeId::bigint"
      memberships: "${memberships(':nativeId')}"
      addMember: "INSERT INTO account_roles (account_id, role) VALUES (:nativeId::bigint, :entitlement) ON CONFLICT DO NOTHING"
      removeMember: "DELETE FROM account_roles WHERE account_id = :nativeId::bigint AND role = :entitlement"
    attributes: { full_name: identity.displayName, mail: identity.email }`;

/** Fills an application with accounts of the numbers 1 to `count`: some are missing, some are called otherwise, some belong to nobody. */
export async function fillSqlTarget(url: string, count: number): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(`
      create table accounts (id bigserial primary key, login text unique not null, external_id text, active boolean not null default true, full_name text, mail text);
      create table account_roles (account_id bigint not null references accounts on delete cascade, role text not null, primary key (account_id, role));`);
    await client.query(
      `insert into accounts (id, login, external_id, full_name, mail)
       select n, 'user' || n, '00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'), case when n % ${oneIn} = 2 then 'Somebody else' else 'Person ' || n end, 'user' || n || '@example.com'
       from generate_series(1, $1::int) n where n % ${oneIn} <> 1
       union all select n, 'stray' || n, null, 'Stray', 'stray' || n || '@example.com' from generate_series($1::int + 1, $1::int + $1::int / ${oneIn}) n`,
      [count],
    );
    await client.query(`select setval('accounts_id_seq', $1)`, [2 * count]);
    await client.query(`insert into account_roles select id, 'reader' from accounts union all select id, 'clerk' from accounts where id % 2 = 0`);
    await client.query('vacuum analyze accounts');
    await client.query('vacuum analyze account_roles');
  });
}

/** Reads the accounts with their memberships as a plain client does: page by page, two statements each, and nothing is done with them. */
export async function readSqlTarget(url: string, count: number): Promise<Sample> {
  const times: number[] = [];
  const begun = performance.now();
  await withClient(url, async (client) => {
    for (let after = '0'; ; ) {
      const start = performance.now();
      const list = await client.query<{ native_id: string }>({
        name: 'list',
        text: `select ${columns} from accounts where id > $1::bigint order by id limit 500`,
        values: [after],
      });
      const ids = list.rows.map((row) => row.native_id);
      await client.query({ name: 'roles', text: 'select account_id, role from account_roles where account_id = any($1::bigint[])', values: [ids] });
      for (const _ of ids) times.push((performance.now() - start) / ids.length);
      if (ids.length < 500) break;
      after = ids.at(-1) ?? '0';
    }
  });
  if (times.length < count * 0.9) throw new Error('the target is not filled');
  return { times, elapsed: performance.now() - begun };
}

/**
 * Reads what the target can give out to one client that reads as Tenure has to: the same pages by the statements of the configuration, `memberships` for each
 * account of a page in one statement, one state of the database in each page; the rows become accounts with their sorted groups. Nothing is stored.
 */
export async function readSqlPages(url: string, count: number): Promise<Sample> {
  const times: number[] = [];
  const begun = performance.now();
  await withClient(url, async (client) => {
    for (let after: string | null = null; ; ) {
      const start = performance.now();
      // Sent together with the next statement, as the commit is with the next page.
      void client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      const { rows }: { rows: readonly ({ readonly native_id: string } & Readonly<Record<string, unknown>>)[] } = await client.query({
        text: list('$1', '$2'),
        values: [after, pageSize],
      });
      const ids = rows.map((row) => row.native_id);
      const held = await client.query<{ id: string; entitlement: string }>({
        text: `SELECT a.id, memberships.* FROM unnest($1::text[]) AS a (id) CROSS JOIN LATERAL (${memberships('a.id')}) AS memberships`,
        values: [ids],
      });
      void client.query('COMMIT');
      const groups = new Map<string, string[]>(ids.map((id) => [id, []]));
      for (const { id, entitlement } of held.rows) groups.get(id)?.push(entitlement);
      const accounts = rows.map(({ native_id: nativeId, ...more }) => ({ nativeId, ...more, groups: groups.get(nativeId)?.sort() }));
      for (const _ of accounts) times.push((performance.now() - start) / accounts.length);
      if (accounts.length < pageSize) break;
      after = accounts.at(-1)?.nativeId ?? null;
    }
  });
  if (times.length < count * 0.9) throw new Error('the target is not filled');
  return { times, elapsed: performance.now() - begun };
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, pipeline: true });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
