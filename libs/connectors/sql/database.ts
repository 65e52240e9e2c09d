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
  /** Number of rows that INSERT, UPDATE, DELETE or MERGE has changed; `null` for other statements, such as a call of a function. */
  readonly changed: number | null;
  /** OID of the type of each column. */
  readonly types: ReadonlyMap<string, number>;
}

/** Runs statements on one connection. A failed statement ends the transaction, unless it was run by `attempt`. */
export interface Session {
  run(statement: ParameterisedStatement, values: Values): Promise<Answer>;
  /** Runs a change with deferred constraints checked at once. A failure is rolled back, and the transaction continues. */
  attempt(statement: ParameterisedStatement, values: Values): Promise<Answer>;
  /** Runs work and rolls it back, whether or not it fails. */
  rehearse(work: () => Promise<unknown>): Promise<void>;
  /** Plans a statement without running it, which checks names, types and rights. Does nothing for statements that are not planned (CALL). */
  explain(statement: ParameterisedStatement): Promise<void>;
  command(text: string): Promise<void>;
}

/** Database of a target. */
export interface Database {
  /**
   * Runs work in one transaction that sees one state of the database (REPEATABLE READ); it fails as unavailable instead of overwriting
   * a concurrent change.
   * @throws ConnectorUnavailable, ConnectorRefused, and errors of the work
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs work in a transaction in which the database refuses all changes. */
  readOnly<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Creates the database of a target. Opens no connection yet. */
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
    // A lost idle connection needs no handling: the pool removes it and the next call opens another.
    opened.on('error', () => undefined);
    return opened;
  }
  // Set in the transaction and not at the connection, where PgBouncer refuses such settings.
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
      client.release(true); // available only after the deadline
      throw signal.reason;
    }
    return client;
  }

  async function inTransaction<T>(client: Lent, begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    // Sent together with the first statement, which fails if this fails.
    const begun = ahead(client, begin);
    const result = await work(sessionOn(client));
    await begun;
    await client.query('COMMIT');
    return result;
  }

  async function lend<T>(begin: string, work: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T> {
    const client = await connect(signal);
    const cut = (): void => void client.socket.destroy();
    // A lost connection in use also emits an event, which would end the process without a listener.
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

/** True if PostgreSQL can plan (EXPLAIN) the statement without running it; it may begin with comments. */
export function isPlanned(text: string): boolean {
  let rest = text.trimStart();
  for (;;) {
    const end = rest.startsWith('--') ? rest.indexOf('\n') + 1 : rest.startsWith('/*') ? rest.indexOf('*/') + 2 : 0;
    // Nothing more to remove, or an unterminated comment.
    if (end < (rest.startsWith('/*') ? 4 : 1)) break;
    rest = rest.slice(end).trimStart();
  }
  return /^(?:with|select|insert|update|delete|merge|values|table)\b/i.test(rest);
}

/** Sends a statement together with the next one, which fails if this fails. */
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
    return false; // the connection is lost, and with it the transaction
  }
}
