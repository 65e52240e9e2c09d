import { type AttributeValue, DomainError, type ParameterisedStatement } from '@tenure/domain';
import { DatabaseError, Pool, type QueryResult } from 'pg';
import { followConnect, watchAnswer } from '@tenure/outbound';
import { withDeadline } from '../deadline.ts';
import type { Failures } from '../failures.ts';
import { addressOf, SocketClient } from './client.ts';
import { translated } from './failures.ts';
import type { SqlSettings } from './settings.ts';

type Values = Readonly<Record<string, AttributeValue | null>>;

/** Result of a statement. */
export interface Answer {
  readonly rows: readonly unknown[];
  /** Rows that INSERT, UPDATE, DELETE or MERGE has changed; `null` for whatever else, such as a call of a function. */
  readonly changed: number | null;
  /** Type of each column, by PostgreSQL's number for it. */
  readonly types: ReadonlyMap<string, number>;
}

/** Runs statements on one connection. A statement that fails ends the transaction, unless it was attempted. */
export interface Session {
  run(statement: ParameterisedStatement, values: Values): Promise<Answer>;
  /** Runs a statement that changes something; what constraints say only at the end of a transaction they say at once. What a failure has done is undone, and the transaction goes on. */
  attempt(statement: ParameterisedStatement, values: Values): Promise<Answer>;
  /** Does work and undoes it, whether or not it fails. */
  rehearse(work: () => Promise<unknown>): Promise<void>;
  /** Has the database plan a statement, which checks names, types and rights, and does not run it. Nothing for statements that are not planned (CALL). */
  explain(statement: ParameterisedStatement): Promise<void>;
  command(text: string): Promise<void>;
}

/** The target's database. */
export interface Database {
  /**
   * Does work in one transaction that sees one state of the database (REPEATABLE READ); a change by somebody else in between
   * makes it fail as unavailable instead of being overwritten.
   * @throws ConnectorUnavailable, ConnectorRefused, and what the work throws
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** The same, where the database refuses whatever would change something. */
  readOnly<T>(work: (session: Session) => Promise<T>): Promise<T>;
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
  const beginning = (mode: '' | ' READ ONLY'): string =>
    [
      `BEGIN ISOLATION LEVEL REPEATABLE READ${mode}`,
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

  async function inTransaction<T>(client: Lent, begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    // It leaves together with the first statement, which fails where it has failed.
    const begun = ahead(client, begin);
    const result = await work(sessionOn(client));
    await begun;
    await client.query('COMMIT');
    return result;
  }

  async function lend<T>(begin: string, work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const client = await connect(signal);
    const cut = (): void => void client.socket.destroy();
    // A drop while it is lent also comes as an event, which would end the process if nobody listened.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    signal.addEventListener('abort', cut, { once: true });
    const wasTooLarge = watchAnswer(client.socket);
    let usable = false;
    try {
      const result = await inTransaction(client, begin, work);
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

  async function within<T>(begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await withDeadline(failures, settings.timeout, (signal) => lend(begin, work, signal), progress.timeOut);
    } catch (error) {
      throw translated(error, failures, progress);
    }
  }

  return {
    transaction: (work) => within(beginning(''), work),
    readOnly: (work) => within(beginning(' READ ONLY'), work),
    close: async () => pool?.end(),
  };
}

type Lent = SocketClient & { release(destroy?: boolean): void };

function sessionOn(client: Lent): Session {
  const run: Session['run'] = async ({ text, names }, values) => answerOf(await client.query({ text, values: names.map((name) => values[name] ?? null) }));
  const undo = (): Promise<unknown> => client.query('ROLLBACK TO SAVEPOINT tenure');
  return {
    run,
    async attempt(statement, values) {
      const saved = ahead(client, 'SAVEPOINT tenure');
      const answered = run(statement, values);
      answered.catch(() => undefined);
      const checked = ahead(client, 'SET CONSTRAINTS ALL IMMEDIATE');
      try {
        await saved;
        const answer = await answered;
        await checked;
        return answer;
      } catch (error) {
        await Promise.allSettled([saved, answered, checked]);
        if (error instanceof DatabaseError) await undo();
        throw error;
      }
    },
    async rehearse(work) {
      const saved = ahead(client, 'SAVEPOINT tenure');
      try {
        await work();
        await saved;
      } catch (error) {
        if (error instanceof DatabaseError) await undo();
        throw error;
      }
      await undo();
    },
    async explain(statement) {
      if (isPlanned(statement.text)) await run({ ...statement, text: `EXPLAIN (COSTS OFF) ${statement.text}` }, {});
    },
    command: async (text) => void (await client.query(text)),
  };
}

/** True: PostgreSQL can plan (EXPLAIN) the statement without running it; it may begin with comments. */
export function isPlanned(text: string): boolean {
  let rest = text.trimStart();
  for (;;) {
    const end = rest.startsWith('--') ? rest.indexOf('\n') + 1 : rest.startsWith('/*') ? rest.indexOf('*/') + 2 : 0;
    // Nothing is left out, or a comment that does not end.
    if (end < (rest.startsWith('/*') ? 4 : 1)) break;
    rest = rest.slice(end).trimStart();
  }
  return /^(?:with|select|insert|update|delete|merge|values|table)\b/i.test(rest);
}

/** Leaves together with what is asked next; that fails where this has failed. */
function ahead(client: Lent, text: string): Promise<unknown> {
  const sent = client.query(text);
  sent.catch(() => undefined);
  return sent;
}

const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

function answerOf({ command, rowCount, rows, fields }: QueryResult): Answer {
  return { rows, changed: CHANGES.has(command) ? rowCount : null, types: new Map(fields.map(({ name, dataTypeID }) => [name, dataTypeID])) };
}

async function rolledBack(client: Lent): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false; // the connection is gone, and with it the transaction
  }
}
