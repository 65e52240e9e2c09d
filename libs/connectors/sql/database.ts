import { type AttributeValue, DomainError, type ParameterisedStatement } from '@tenure/domain';
import { DatabaseError, Pool } from 'pg';
import { watchAnswer } from '../bounded-socket.ts';
import { followConnect } from '../connect-progress.ts';
import { withDeadline } from '../deadline.ts';
import type { Failures } from '../failures.ts';
import { addressOf, SocketClient } from './client.ts';
import { translated } from './failures.ts';
import type { SqlSettings } from './settings.ts';

type Value = AttributeValue | null;

/** Runs statements on one connection. */
export interface Session {
  run(statement: ParameterisedStatement, values: Readonly<Record<string, Value>>): Promise<readonly unknown[]>;
  /** Runs it, and says what columns it answers with. */
  columns(statement: ParameterisedStatement, values: Readonly<Record<string, Value>>): Promise<readonly string[]>;
}

/** The target's database. */
export interface Database {
  /**
   * Does work in one transaction that sees one state of the database (REPEATABLE READ); a change by somebody else in between
   * makes it fail as unavailable instead of being overwritten.
   * @throws ConnectorUnavailable, ConnectorRefused, and what the work throws
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens nothing yet. */
export function openDatabase(settings: SqlSettings, failures: Failures): Database {
  const progress = followConnect();
  let pool: Pool | null = null;
  function openPool(): Pool {
    const config = {
      ...addressOf(settings, failures),
      Client: SocketClient,
      progress,
      pipeline: true,
      max: settings.concurrency,
      connectionTimeoutMillis: settings.timeout,
      idleTimeoutMillis: 30_000,
    };
    const opened = new Pool(config);
    // An idle connection that drops is no event: the pool forgets it and the next call opens another.
    opened.on('error', () => undefined);
    return opened;
  }
  // Within the transaction and not when connecting, where PgBouncer refuses such settings.
  const begin = [
    'BEGIN ISOLATION LEVEL REPEATABLE READ',
    `SET LOCAL statement_timeout = ${Math.ceil(settings.timeout)}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${Math.ceil(settings.timeout)}`,
  ].join('; ');

  async function connect(signal: AbortSignal): Promise<Lent> {
    pool ??= openPool();
    const client = await pool.connect();
    if (signal.aborted || !(client instanceof SocketClient)) {
      client.release(true); // came after the deadline: nobody waits for it
      throw signal.reason;
    }
    return client;
  }

  async function inTransaction<T>(client: Lent, work: (session: Session) => Promise<T>): Promise<T> {
    const query = ({ text, names }: ParameterisedStatement, values: Readonly<Record<string, Value>>) =>
      client.query({ text, values: names.map((name) => values[name] ?? null) });
    const run: Session['run'] = async (statement, values) => (await query(statement, values)).rows;
    const columns: Session['columns'] = async (statement, values) => (await query(statement, values)).fields.map(({ name }) => name);
    // It leaves together with the first statement, which fails where it has failed.
    const begun = client.query(begin);
    begun.catch(() => undefined);
    const result = await work({ run, columns });
    await begun;
    await client.query('COMMIT');
    return result;
  }

  async function lend<T>(work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const client = await connect(signal);
    const cut = (): void => void client.socket.destroy();
    // A drop while it is lent also comes as an event, which would end the process if nobody listened.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    signal.addEventListener('abort', cut, { once: true });
    const wasTooLarge = watchAnswer(client.socket);
    let usable = false;
    try {
      const result = await inTransaction(client, work);
      usable = true;
      return result;
    } catch (error) {
      if (wasTooLarge()) throw failures.unavailable('its answer is too large', { reason: 'too-large' });
      if (error instanceof DatabaseError || error instanceof DomainError) usable = await rolledBack(client);
      throw error;
    } finally {
      usable = !wasTooLarge() && usable;
      signal.removeEventListener('abort', cut);
      client.off('error', ignore);
      client.release(!usable);
    }
  }

  return {
    async transaction(work) {
      try {
        return await withDeadline(failures, settings.timeout, (signal) => lend(work, signal), progress.timeOut);
      } catch (error) {
        throw translated(error, failures, progress);
      }
    },
    close: async () => pool?.end(),
  };
}

type Lent = SocketClient & { release(destroy?: boolean): void };

async function rolledBack(client: Lent): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false; // the connection is gone, and with it the transaction
  }
}
