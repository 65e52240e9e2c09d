import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ActContext, Store } from '../index.ts';
import { openStore } from '../open-store.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

/** Database behind a network that withholds answers, and records the sent messages. */
let database: TestDatabase;
let proxy: Server;
let store: Store;
let sent = '';
/** Text of the message from which on answers are withheld; `null`: none are. */
let holdAt: string | null = null;
let held: (() => void)[] | null = null;
let onSent = (): void => undefined;
const context: ActContext = { actor: { kind: 'system', id: 'test' }, correlationId: 'trips', now: '2026-03-01T12:00:00.000Z' };
const nobody = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = createServer((client) => {
    const server = connect(Number(port), hostname);
    for (const socket of [client, server]) socket.on('error', () => undefined);
    server.on('data', (chunk) => (held === null ? client.write(chunk) : held.push(() => client.write(chunk))));
    server.on('close', () => client.destroy());
    client.on('close', () => server.end());
    client.on('data', (chunk: Buffer) => {
      sent += chunk.toString('latin1');
      if (holdAt !== null && chunk.includes(holdAt)) held ??= [];
      onSent();
      server.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(database.url);
  url.port = String((proxy.address() as { port: number }).port);
  store = await openStore({ url: url.href, vault: database.vault, poolSize: 1 });
  await store.transaction(context, async () => undefined);
});
afterAll(async () => {
  await store.close();
  proxy.close();
  await database.drop();
});

function release(): void {
  const answers = held ?? [];
  [holdAt, held] = [null, null];
  for (const answer of answers) answer();
}

/** Resolves once all these texts were sent. */
const wasSent = (...parts: readonly string[]): Promise<void> =>
  new Promise((resolve) => {
    onSent = () => {
      if (parts.every((part) => sent.includes(part))) resolve();
    };
    onSent();
  });

test('statements that are run at once leave together: none waits for the answer to another', async () => {
  [sent, holdAt] = ['', 'start transaction'];
  const read = store.read((tx) => Promise.all([tx.logins.ofPeople([nobody]), tx.sessions.openOf([nobody], context.now)]));
  await wasSent('from login_subject s where s.identity_id', 'join credential c on');
  release();
  expect(await read).toEqual([[], []]);
  await wasSent('commit');
});

test('nobody waits for the end of a transaction that has only read', async () => {
  [sent, holdAt] = ['', 'commit'];
  expect(await store.read((tx) => tx.logins.ofPeople([nobody]))).toEqual([]);
  await wasSent('commit');
  release();
  // The connection is usable for the next transaction.
  sent = '';
  expect(await store.read((tx) => tx.logins.ofPeople([nobody]))).toEqual([]);
  await wasSent('commit');
});

test('the end of a transaction that writes is waited for', async () => {
  [sent, holdAt] = ['', 'commit'];
  let isStored = false;
  const stored = store
    .transaction(
      context,
      async (tx) => void tx.audit.record({ action: 'import.begun', subjectKind: 'test', subjectId: '1', identityId: null, reason: { source: 'hr' } }),
    )
    .then(() => (isStored = true));
  await wasSent('commit');
  await new Promise(setImmediate);
  expect(isStored).toBe(false);
  release();
  expect(await stored).toBe(true);
});
