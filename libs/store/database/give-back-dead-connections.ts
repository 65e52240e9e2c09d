import type { Pool, PoolClient } from 'pg';

/**
 * Returns a connection that ends while in use to its pool, which then opens a new one. Its user cannot use it any more, and the query
 * builder below the ORM does not return it when its rollback fails: after as many lost connections as the pool has, the process would
 * wait for ever.
 */
export function giveBackDeadConnections(pool: Pool): void {
  const inUse = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => void inUse.add(client));
  pool.on('release', (_error, client) => void inUse.delete(client));
  pool.on('connect', (client) => {
    client.once('end', () => {
      if (!inUse.has(client)) return;
      client.release(true);
      // Its user may still release it, which must not be an error.
      client.release = () => undefined;
    });
  });
}
