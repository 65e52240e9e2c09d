import type { Pool, PoolClient } from 'pg';

/**
 * Gives a connection that ends while somebody has it back to its pool, which then makes a new one. Whoever has it can do nothing
 * with it any more, and the query builder below the ORM does not give it back when its rollback fails: after as many lost
 * connections as the pool has, the process would wait for ever.
 */
export function giveBackDeadConnections(pool: Pool): void {
  const inUse = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => void inUse.add(client));
  pool.on('release', (_error, client) => void inUse.delete(client));
  pool.on('connect', (client) => {
    client.once('end', () => {
      if (!inUse.has(client)) return;
      client.release(true);
      // Its user may still do so, and is not to be told that it is too late.
      client.release = () => undefined;
    });
  });
}
