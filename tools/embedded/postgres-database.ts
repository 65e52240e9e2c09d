import pg from 'pg';
import { databaseUser } from './postgres-cluster.ts';
import { errorCode } from './error-code.ts';
import { EmbeddedServerError } from './embedded-server-error.ts';
import { loopback } from './ports.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './until.ts';

// Recovery after a crash reads the write-ahead log again: seconds, on a slow disk minutes.
const readyTimeout = 120_000;

// "connection refused" and "the database system is starting up".
const notReadyYet: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03']);

/** A server that should answer on a port. */
export interface StartingPostgres {
  readonly server: ServerProcess;
  readonly port: number;
  readonly password: string;
}

/**
 * Waits until the server takes connections, and creates the database when it is missing.
 * @throws EmbeddedServerError with the server's own words when it ends instead
 */
export async function ensureDatabase(starting: StartingPostgres, database: string): Promise<void> {
  const client = await until(() => connect(starting), { timeout: readyTimeout });
  if (!client) throw new EmbeddedServerError(`PostgreSQL did not take connections within ${readyTimeout / 1000} s. ${lastWords(starting)}`);
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

async function connect(starting: StartingPostgres): Promise<pg.Client | undefined> {
  const end = starting.server.ended();
  if (end) throw new EmbeddedServerError(`PostgreSQL ended while starting (${end.reason}). ${lastWords(starting)}`);
  const { port, password } = starting;
  const client = new pg.Client({ host: loopback, port, password, user: databaseUser, database: 'postgres' });
  client.on('error', () => undefined); // a lost connection also fails the query that needs it
  try {
    await client.connect();
    return client;
  } catch (error) {
    if (notReadyYet.has(errorCode(error))) return undefined;
    throw new EmbeddedServerError(`PostgreSQL on port ${port} refused our own connection: ${String(error)}`, { cause: error });
  }
}

function lastWords({ server }: StartingPostgres): string {
  const lines = server.lastOutput().trim().split('\n');
  const fatal = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? '';
  return fatal ? `It said: ${fatal.trim()}` : '';
}
