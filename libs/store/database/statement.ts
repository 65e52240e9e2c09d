import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Transaction as KyselyTransaction } from 'kysely';
import { Client, type QueryResult } from 'pg';
import { CopyIn } from './copy-in.ts';

/**
 * Runs a statement with its values separate from its text, so that the server plans it once per connection. Used for reads and
 * writes of many people at a time: each list is one value (JSON or an array), so there are few different texts.
 * Statements that are run concurrently are sent together, in the order of the calls: none waits for the answer to another.
 */
export async function run<T>(em: EntityManager, text: string, values: readonly unknown[]): Promise<readonly T[]> {
  const transaction = em.getTransactionContext<KyselyTransaction<unknown>>();
  if (transaction === undefined) throw new Error('statements run inside a transaction');
  // The transaction sends one statement at a time, and waits for its answer; its connection sends each at once.
  const connection = await transaction.getExecutor().provideConnection((one) => Promise.resolve(one));
  const { rows } = await connection.executeQuery<T>(CompiledQuery.raw(text, [...values]));
  return rows;
}

/**
 * Runs a statement whose text does not recur, such as one about a short-lived table: it is not prepared, since a connection keeps its prepared
 * statements until it is closed.
 */
export async function runOnce<T>(em: EntityManager, text: string, values: readonly unknown[]): Promise<readonly T[]> {
  return run(em, `${unprepared}${text}`, values);
}

/**
 * Runs a statement whose answer is not needed: the next one is sent right behind it, so that one round trip suffices for both. If it
 * fails, the next awaited statement throws its error, at the latest the commit.
 */
export async function send(em: EntityManager, text: string, values: readonly unknown[]): Promise<void> {
  await run(em, `${unawaited}${text}`, values);
}

/**
 * Copies rows into a table, in the transaction of the other statements: it costs the server a fraction of an insert. Nothing else is sent until it has
 * answered. @param text `copy ... from stdin` @param rows in its text format: see `copied`
 */
export async function copyIn(em: EntityManager, text: string, rows: string): Promise<void> {
  await run(em, `${copying}${text}`, [rows]);
}

const unawaited = '/* unawaited */ ';
const copying = '/* copying */ ';
const unprepared = '/* unprepared */ ';
const begins = /^(begin|start transaction)/;
const names = new Map<string, string>();

/**
 * Client of pg that prepares statements. pg prepares statements that have a name; ours are named after their text. The ORM writes values
 * into its texts, so those stay unprepared. In pg's pipeline mode statements are sent without waiting for earlier answers, which arrive in order.
 */
export class PreparingClient extends Client {
  /** Error of the transaction that has not been thrown to a caller yet; `null`: none. */
  #failure: unknown = null;
  /** Number of statements that are sent with the next awaited one. */
  #kept = 0;
  /** True if the transaction only reads. */
  #isReading = false;

  // biome-ignore lint/suspicious/noExplicitAny: pg declares five shapes of this method, and four of them pass through untouched
  override query(...given: any[]): any {
    const [text, values, ...rest] = given;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const query = super.query as (...passed: any[]) => any;
    if (typeof text !== 'string' || rest.length > 0 || typeof values === 'function') return query.apply(this, given);
    const isBegin = begins.test(text);
    if (isBegin) {
      this.#failure = null;
      this.#isReading = text.endsWith('read only');
    }
    // Everything that was read has arrived: the commit of a transaction that only reads is sent without waiting for its answer.
    const isRead = text === 'commit' && this.#isReading && this.#kept === 0;
    const isAwaited = !isBegin && !text.startsWith(unawaited);
    const { stream } = this.connection;
    stream.cork();
    const answer: Promise<QueryResult> = text.startsWith(copying)
      ? new Promise((resolve, reject) => {
          query.call(this, new CopyIn(text, String(values[0]), (error, result) => (error ? reject(error) : resolve(result))));
        })
      : Array.isArray(values) && values.length > 0 && !text.startsWith(unprepared)
        ? query.call(this, { name: nameOf(text), text, values })
        : query.apply(this, given);
    if (!isAwaited) {
      answer.catch((error: unknown) => (this.#failure ??= error));
      this.#kept += 1;
      return Promise.resolve(nothing);
    }
    for (stream.uncork(); this.#kept > 0; this.#kept -= 1) stream.uncork();
    if (isRead) {
      answer.catch(() => undefined);
      return Promise.resolve(nothing);
    }
    return answer.then(
      (result) => {
        // PostgreSQL answers the commit of a failed transaction with a rollback, which is not an error.
        if (text === 'commit' && this.#failure !== null) throw this.#failure;
        return result;
      },
      (error: unknown) => {
        throw this.#failure ?? error;
      },
    );
  }
}

const nothing: Pick<QueryResult, 'command' | 'rowCount' | 'rows'> = { command: '', rowCount: 0, rows: [] };

function nameOf(text: string): string {
  const name = names.get(text) ?? createHash('sha256').update(text).digest('base64url').slice(0, 24);
  names.set(text, name);
  return name;
}
