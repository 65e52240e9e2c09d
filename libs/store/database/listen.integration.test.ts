import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { listen } from './listen.ts';
import { createTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
let link: Server;
/** Sockets of the link: while they are open, both ends look connected. */
const through: Socket[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const { hostname, port } = new URL(database.url);
  link = createServer((client) => {
    const server = connect(Number(port), hostname);
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => undefined);
    through.push(client, server);
  }).listen(0, '127.0.0.1');
  await once(link, 'listening');
});
afterAll(async () => {
  link.close();
  for (const socket of through) socket.destroy();
  await database.drop();
});

it('finds that the other end has gone without a word, says so, and listens over a new connection', async () => {
  const url = new URL(database.url);
  url.port = String((link.address() as AddressInfo).port);
  const heard: string[] = [];
  const isLost = Promise.withResolvers<Error>();
  const isBack = Promise.withResolvers<void>();
  const isTold = Promise.withResolvers<void>();
  const take = (payload: string): void => {
    heard.push(payload);
    if (payload === '') isBack.resolve();
    if (payload === 'after') isTold.resolve();
  };
  const listener = await listen(url.href, 'tenure_test', take, isLost.resolve, { every: 600, patience: 2_000 });

  // Like a cut cable: nothing arrives, and neither end is notified.
  for (const socket of through) socket.unpipe().pause();
  expect((await isLost.promise).message).toBe('Query read timeout');
  await isBack.promise;
  await database.execute(`select pg_notify('tenure_test', 'after')`);
  await isTold.promise;
  expect(heard).toEqual(['', 'after']);
  await listener.stop();
});
