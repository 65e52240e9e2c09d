import type { EntityManager, IsolationLevel, MikroORM } from '@mikro-orm/postgresql';

/**
 * Runs work in a transaction, with an entity manager of its own. The ORM's `transactional` creates two, the second with its own events, and copies
 * entities from one to the other afterwards, which is a tenth of a login's allocations.
 * @param work flushes its persisted entities itself
 */
export function inTransaction<T>(
  orm: MikroORM,
  work: (em: EntityManager) => Promise<T>,
  options: { readonly readOnly?: boolean; readonly isolationLevel?: IsolationLevel } = {},
): Promise<T> {
  const em = orm.em.fork();
  return em.getConnection().transactional((transaction) => {
    em.setTransactionContext(transaction);
    return work(em);
  }, options);
}
