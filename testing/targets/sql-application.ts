import { createServer } from 'node:http';
import { Client, Pool } from 'pg';
import { listen, shut } from './listen.ts';
import { runAsProcess, secretFrom } from './run-as-process.ts';
import { absent, type RunningTarget, type TargetState } from './target-state.ts';

/** Options of the application that keeps its accounts in tables. */
export interface SqlApplicationOptions {
  /** Address of its own database: `postgres://user:password@host:port/name`; created when it is not there. */
  readonly url: string;
  /** Port of the page that shows its accounts; any that is free unless given. */
  readonly port?: number;
}

/** The application: its page, and its database. */
export interface RunningSqlApplication extends RunningTarget {
  /** Address of the page. */
  readonly url: string;
  readonly databaseUrl: string;
}

const schema = `
  CREATE TABLE IF NOT EXISTS accounts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL UNIQUE,
    external_id text,
    active boolean NOT NULL DEFAULT true,
    full_name text,
    mail text
  );
  CREATE TABLE IF NOT EXISTS account_roles (
    account_id bigint NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('admin', 'auditor', 'clerk', 'closer', 'payer', 'reader')),
    PRIMARY KEY (account_id, role)
  );`;

const states = `
  SELECT login, full_name, active, COALESCE(array_agg(role ORDER BY role) FILTER (WHERE role IS NOT NULL), '{}') AS roles
  FROM accounts LEFT JOIN account_roles ON account_id = id`;

interface StateRow {
  readonly login: string;
  readonly full_name: string | null;
  readonly active: boolean;
  readonly roles: readonly string[];
}

/** Starts the application: makes its database and tables where they are missing, and serves a page of its accounts. */
export async function startSqlApplication({ url, port = 0 }: SqlApplicationOptions): Promise<RunningSqlApplication> {
  await createDatabase(url);
  const pool = new Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined); // the database may be stopped and come back
  await pool.query(schema);
  const server = createServer((_request, response) => {
    pool.query<StateRow>(`${states} GROUP BY id ORDER BY login`).then(
      ({ rows }) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(rows)),
      () => response.writeHead(503, { 'content-type': 'text/plain' }).end('The database does not answer.'),
    );
  });
  const listening = await listen(server, port);
  return {
    url: `http://127.0.0.1:${listening}`,
    databaseUrl: url,
    look: (userName) => lookIntoSql(url, userName),
    async stop() {
      await shut(server);
      await pool.end();
    },
  };
}

/** Looks up an account in the application's own tables. */
export async function lookIntoSql(url: string, userName: string): Promise<TargetState> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<StateRow>(`${states} WHERE login = $1 GROUP BY id`, [userName]);
    const [row] = rows;
    return row ? { exists: true, enabled: row.active, groups: row.roles } : absent;
  } finally {
    await client.end();
  }
}

async function createDatabase(url: string): Promise<void> {
  const own = new URL(url);
  const name = decodeURIComponent(own.pathname.slice(1));
  const server = new URL(url);
  server.pathname = '/postgres';
  const client = new Client({ connectionString: server.href });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

function page(rows: readonly StateRow[]): string {
  const lines = rows.map(({ login, full_name, active, roles }) => {
    const cells = [login, full_name ?? '', active ? 'active' : 'locked', roles.join(', ')];
    return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
  });
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Ledger: accounts</title>
<h1>Ledger: accounts</h1>
<table border="1" cellpadding="6"><tr><th>Login</th><th>Name</th><th>State</th><th>Roles</th></tr>
${lines.join('\n')}</table></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

if (import.meta.main) await runAsProcess(({ port }) => startSqlApplication({ url: secretFrom('DEMO_SQL_URL'), port }));
