import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createTestApi, type TestApi } from '../api.ts';
import { type Connection, type Message, openSocket } from '../socket-client.ts';

/** Attempts of one person to block others with a WebSocket. */
let api: TestApi;
let address: string;
let operator: string;
let other: string;
let watched: string;
const connections: Connection[] = [];

beforeAll(async () => {
  api = await createTestApi({ app: { subscriptionLimits: { ofSocket: 100, ofCaller: 150, inAll: 160, looksAtOnce: 8 } } });
  await api.app.listen(0, '127.0.0.1');
  address = (await api.app.getUrl()).replace('http', 'ws');
  operator = await api.serviceToken('operator');
  other = await api.serviceToken('operator', 'auditor');
  watched = (await api.record({ externalId: 'watched', facts: { displayName: 'W', employeeNumber: 'w' } })).identityId ?? '';
});
afterAll(async () => {
  for (const { socket } of connections) socket.close();
  await api.stop();
});

async function connect(token: string): Promise<Connection> {
  const connection = await openSocket(address);
  connections.push(connection);
  connection.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  expect((await connection.next()).type).toBe('connection_ack');
  return connection;
}

const subscribe = (connection: Connection, id: string, query = `subscription { identityChanged(id: "${watched}") { id grants { name } } }`) =>
  connection.send({ id, type: 'subscribe', payload: { query } });
const codeOf = ({ payload }: Message): unknown => (payload as { extensions?: { code?: string } }[])[0]?.extensions?.code;
const listen = async (connection: Connection, count: number): Promise<Message[]> => {
  const messages: Message[] = [];
  for (let left = count; left > 0; left -= 1) messages.push(await connection.next());
  return messages;
};
const refusedIn = (messages: readonly Message[]) => messages.filter((message) => message.type === 'error' && codeOf(message) === 'RATE_LIMITED').length;

describe('600 subscriptions on one socket', () => {
  test('are a hundred: the others are refused, and places come back', async () => {
    const connection = await connect(operator);
    for (let index = 0; index < 600; index += 1) subscribe(connection, String(index));
    const messages = await listen(connection, 600);
    expect([refusedIn(messages), messages.filter(({ type }) => type === 'next').length]).toEqual([500, 100]);
    expect((await api.app.inject({ method: 'GET', url: '/health/ready' })).statusCode).toBe(200);

    // A caller's sockets count together, and so do all callers.
    const second = await connect(operator);
    for (let index = 0; index < 60; index += 1) subscribe(second, String(index));
    expect(refusedIn(await listen(second, 60))).toBe(10);
    const third = await connect(other);
    for (let index = 0; index < 20; index += 1) subscribe(third, String(index));
    expect(refusedIn(await listen(third, 20))).toBe(10);

    connection.socket.close();
    second.socket.close();
    await Promise.all([connection.closed, second.closed]);
    // The server notices their end a moment later than this test.
    for (let isFree = false; !isFree; ) {
      subscribe(third, 'again');
      isFree = (await third.next()).type === 'next';
    }
    third.socket.close();
    await third.closed;
  });

  test('of which a change asks the database as often as of one', async () => {
    const connection = await connect(operator);
    const statementsOfChange = async (followers: number): Promise<number> => {
      const real = Client.prototype.query;
      let statements = 0;
      const messages = listen(connection, followers);
      Client.prototype.query = function (this: unknown, ...all: unknown[]) {
        statements += 1;
        return (real as (...all: unknown[]) => unknown).apply(this, all);
      } as typeof real;
      try {
        await api.database.execute('update identity set revision = revision + 1 where id = ?', [watched]);
        await messages;
        return statements;
      } finally {
        Client.prototype.query = real;
      }
    };
    subscribe(connection, 'one');
    await connection.next();
    const one = await statementsOfChange(1);
    for (let index = 0; index < 90; index += 1) subscribe(connection, String(index));
    await listen(connection, 90);
    expect(await statementsOfChange(91)).toBeLessThanOrEqual(2 * one);
    connection.socket.close();
    await connection.closed;
  });
});

describe('messages', () => {
  test('that are longer than a query needs to be end the connection before they are read', async () => {
    const connection = await connect(operator);
    subscribe(connection, '1', `subscription { ${'a '.repeat(100_000)} }`);
    expect(await connection.closed).toBe(1009);
  });

  test('with more words than a query may have are refused before they are validated', async () => {
    const connection = await connect(operator);
    subscribe(connection, '1', `subscription { identityChanged(id: "${watched}") { ${'id '.repeat(20_000)} } }`);
    const [refused] = (await connection.next()).payload as { message: string }[];
    expect(refused?.message).toBe('the query has more than 2000 words');
  });

  test('with a syntax tree instead of a text are refused', async () => {
    const connection = await connect(operator);
    const selectionSet = { kind: 'SelectionSet', selections: [{ kind: 'Field', name: { kind: 'Name', value: 'identityChanged' } }] };
    connection.send({
      id: '1',
      type: 'subscribe',
      payload: { query: { kind: 'Document', definitions: [{ kind: 'OperationDefinition', operation: 'subscription', selectionSet }] } },
    });
    const message = await connection.next();
    expect([message.type, codeOf(message)]).toEqual(['error', 'GRAPHQL_VALIDATION_FAILED']);
  });

  test('that say a second time who it is end the connection', async () => {
    const connection = await connect(operator);
    connection.send({ type: 'connection_init', payload: { authorization: `Bearer ${operator}` } });
    expect(await connection.closed).toBe(4429);
  });
});
