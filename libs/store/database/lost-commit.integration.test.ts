import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { ActContext } from '../audit/audit.ts';
import type { Store } from '../index.ts';
import { openStore } from '../open-store.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

/** Failure of the network at the next commit; `null`: none. Simulates a connection that is lost at the worst moment. */
let next: 'answer lost' | 'never sent' | null = null;
let proxy: Server;
let database: TestDatabase;
const stores: Store[] = [];
const context: ActContext = { actor: { kind: 'system', id: 'test' }, correlationId: 'lost', now: '2026-03-01T12:00:00.000Z' };

beforeAll(async () => {
  database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) socket.on('error', () => undefined);
    server.on('data', (chunk) => client.write(chunk));
    server.on('close', () => client.destroy());
    client.on('close', () => server.end());
    client.on('data', (chunk: Buffer) => {
      if (next === null || !chunk.includes('commit')) return server.write(chunk);
      lose(client, server, chunk);
      return true;
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
beforeEach(() => {
  next = null;
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  proxy.close();
  await database.drop();
});

function lose(client: Socket, server: Socket, chunk: Buffer): void {
  if (next === 'answer lost') server.write(chunk);
  else server.destroy();
  next = null;
  client.destroy();
}

async function through(patience: number): Promise<Store> {
  const url = new URL(database.url);
  url.port = String((proxy.address() as { port: number }).port);
  const store = await openStore({ url: url.href, vault: database.vault, poolSize: 2, patience });
  stores.push(store);
  await store.transaction(context, async () => undefined);
  return store;
}

const make = (store: Store, name: string): Promise<unknown> =>
  store.transaction(context, async (tx) => {
    const { serviceToken } = await tx.sessions.createServiceToken(
      { name, roles: ['auditor'], createdBy: 'test', expiresAt: '2027-01-01T00:00:00.000Z' },
      context.now,
    );
    return serviceToken.name;
  });
/** Ends all connections, as the owner, on a connection of its own. */
async function endConnections(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
  await client.end();
}
const made = async (name: string): Promise<number> => (await database.execute(`select 1 from service_token where name = ?`, [name])).length;

describe('a connection that is lost during a commit', () => {
  test('does nothing twice where the server has committed, and answers what was stored', async () => {
    const store = await through(10_000);
    next = 'answer lost';
    expect(await make(store, 'answer lost')).toBe('answer lost');
    expect(next).toBeNull();
    expect(await made('answer lost')).toBe(1);
  });

  test('begins anew where the commit never came to the server', async () => {
    const store = await through(10_000);
    next = 'never sent';
    expect(await make(store, 'never sent')).toBe('never sent');
    expect(next).toBeNull();
    expect(await made('never sent')).toBe(1);
  });

  test('is told as unknown where nobody may wait, and never as a failure', async () => {
    const store = await through(0);
    next = 'answer lost';
    await expect(make(store, 'impatient')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', retryable: true, details: { stored: 'unknown' } });
  });

  test('before the commit is no matter: the same is done again', async () => {
    const store = await through(10_000);
    let isFirst = true;
    const answer = await store.transaction(context, async (tx) => {
      await tx.sessions.serviceTokens();
      if (isFirst) await endConnections();
      isFirst = false;
      return (await tx.sessions.serviceTokens()).length;
    });
    expect(answer).toBeGreaterThanOrEqual(0);
    expect(isFirst).toBe(false);
  });
});
