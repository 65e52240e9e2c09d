import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CompiledQuery, type Transaction as KyselyTransaction } from 'kysely';
import { Client } from 'pg';

/**
 * Runs a statement with its values apart from its text, so that the server plans it once for each connection. What is read and
 * written for many people at a time goes this way: each list is one value (JSON or an array), so there are few different texts.
 */
export async function run<T>(em: EntityManager, text: string, values: readonly unknown[]): Promise<readonly T[]> {
  const transaction = em.getTransactionContext<KyselyTransaction<unknown>>();
  if (transaction === undefined) throw new Error('statements run inside a transaction');
  const { rows } = await transaction.executeQuery<T>(CompiledQuery.raw(text, [...values]));
  return rows;
}

const names = new Map<string, string>();

/** pg prepares statements that have a name; ours are named after their text. The ORM writes values into its texts, so those stay unprepared. */
export class PreparingClient extends Client {
  // biome-ignore lint/suspicious/noExplicitAny: pg declares five shapes of this method, and four of them pass through untouched
  override query(...given: any[]): any {
    const [text, values, ...rest] = given;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const query = super.query as (...passed: any[]) => any;
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return query.apply(this, given);
    const name = names.get(text) ?? createHash('sha256').update(text).digest('base64url').slice(0, 24);
    names.set(text, name);
    return query.call(this, { name, text, values }, ...rest);
  }
}
