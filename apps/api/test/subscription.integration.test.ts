import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '@tenure/testing/eventually.ts';
import { createTestApi, later, type TestApi } from './api.ts';
import { type Connection, type Message, openSocket } from './socket-client.ts';

let api: TestApi;
let address: string;
let operator: string;
const connections: Connection[] = [];

beforeAll(async () => {
  api = await createTestApi();
  await api.app.listen(0, '127.0.0.1');
  address = (await api.app.getUrl()).replace('http', 'ws');
  operator = await api.serviceToken('operator');
});
afterAll(async () => {
  for (const { socket } of connections) socket.close();
  await api.stop();
});

async function connect(headers: Record<string, string> = {}): Promise<Connection> {
  const connection = await openSocket(address, headers);
  connections.push(connection);
  return connection;
}

async function follow(id: string, token: string, fields = 'id revision state'): Promise<Connection> {
  const connection = await connect();
  connection.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  expect(await connection.next()).toMatchObject({ type: 'connection_ack' });
  connection.send({ id: '1', type: 'subscribe', payload: { query: `subscription ($id: ID!) { identityChanged(id: $id) { ${fields} } }`, variables: { id } } });
  return connection;
}

/** The next event that differs from the one before: an equal one may come, where a notification was late. */
async function nextOther(connection: Connection, before: Message): Promise<Message> {
  for (;;) {
    const message = await connection.next();
    if (JSON.stringify(message) !== JSON.stringify(before)) return message;
  }
}

const codeOf = ({ payload }: Message): unknown => (payload as { extensions?: { code?: string } }[])[0]?.extensions?.code;

describe('identityChanged', () => {
  test('says the present state, and each state after it, with grants read anew', async () => {
    const { identityId } = await api.record({ externalId: 'sub', facts: { displayName: 'Sub', employeeNumber: 'sub', department: 'Sales' } });
    const connection = await follow(identityId ?? '', operator, 'state grants { name } accounts { isConfirmed }');
    const first = await connection.next();
    expect(first).toEqual({
      type: 'next',
      id: '1',
      payload: { data: { identityChanged: { state: 'ACTIVE', grants: [{ name: 'crm.user' }], accounts: [{ isConfirmed: false }] } } },
    });
    await api.record({ externalId: 'sub', version: '2', facts: { displayName: 'Sub', employeeNumber: 'sub', department: 'Finance' } });
    const second = await nextOther(connection, first);
    expect(second).toMatchObject({
      payload: { data: { identityChanged: { grants: [{ name: 'crm.finance' }, { name: 'crm.user' }, { name: 'finance' }] } } },
    });
    // A write by a worker of another process causes an event too.
    await api.database.execute('update account set confirmed_at = ? where identity_id = ?', [api.now, identityId]);
    const third = await nextOther(connection, second);
    expect(third).toMatchObject({ payload: { data: { identityChanged: { accounts: [{ isConfirmed: true }] } } } });
    await api.record({ externalId: 'sub', version: '3', status: 'ended' });
    expect(await nextOther(connection, third)).toMatchObject({ payload: { data: { identityChanged: { state: 'LEAVING', grants: [] } } } });
    connection.send({ id: '1', type: 'complete' });
  });

  test('is open to a person about themselves, and about nobody else', async () => {
    const [one, other] = [await api.person('Sales'), await api.person('Sales')];
    expect(await (await follow(one.id, one.token)).next()).toMatchObject({ type: 'next', payload: { data: { identityChanged: { id: one.id } } } });
    const refused = await (await follow(other.id, one.token)).next();
    expect([refused.type, codeOf(refused)]).toEqual(['error', 'FORBIDDEN']);
    const source = await (await follow(one.id, await api.serviceToken('source:hr'))).next();
    expect([source.type, codeOf(source)]).toEqual(['error', 'FORBIDDEN']);
    // It is written beside the answer, so that nothing waits for it.
    const kept = await eventually(
      'the refusal to be in the audit',
      async () => {
        const found = await api.store.read((tx) => tx.audit.page({ identityId: one.id, action: 'access.refused' }, 10, null));
        return found.length > 0 ? found : null;
      },
      60_000,
    );
    expect(kept.map(({ reason }) => reason)).toEqual([{ at: 'Subscription.identityChanged', code: 'FORBIDDEN' }]);
  });

  test('refuses a field that is not for the person, and says nothing of what went wrong inside', async () => {
    const one = await api.person('Sales');
    const message = await (await follow(one.id, one.token, 'id workflow { id }')).next();
    expect(message).toMatchObject({ type: 'next', payload: { data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
  });

  test('has the limits that queries have', async () => {
    const one = await api.person('Sales');
    const deep = await (await follow(one.id, operator, `cases { ${'identity { cases { '.repeat(7)} id ${'} } '.repeat(7)} }`)).next();
    expect([deep.type, codeOf(deep)]).toEqual(['error', 'GRAPHQL_VALIDATION_FAILED']);
    const wrong = await (await follow(one.id, operator, 'nonsense')).next();
    expect([wrong.type, codeOf(wrong)]).toEqual(['error', 'GRAPHQL_VALIDATION_FAILED']);
  });
});

describe('a connection', () => {
  test('is refused without a token, with a wrong one, and with the cookie from another site', async () => {
    const { token } = await api.person('Sales');
    for (const [headers, payload] of [
      [{}, undefined],
      [{}, { authorization: 'Bearer ts_wrong' }],
      [{ cookie: `tenure_session=${token}` }, undefined],
      [{ cookie: `tenure_session=${token}`, origin: 'https://evil.example' }, undefined],
    ] as const) {
      const connection = await connect(headers);
      connection.send({ type: 'connection_init', ...(payload === undefined ? {} : { payload }) });
      expect(await connection.closed).toBe(4401);
    }
    // A caller without credentials has tried nothing.
    const kept = async () =>
      (await api.store.read((tx) => tx.audit.page({ action: 'access.refused' }, 100, null))).filter(
        ({ reason }) => reason['at'] === 'WebSocket /graphql' && reason['code'] === 'UNAUTHENTICATED',
      );
    await eventually('the refusals to be in the audit', async () => ((await kept()).length >= 3 ? true : null), 60_000);
    expect(await kept()).toHaveLength(3);
  });

  test('is taken with the cookie from our own pages', async () => {
    const { token, id } = await api.person('Sales');
    const connection = await connect({ cookie: `tenure_session=${token}`, origin: 'http://localhost:4000' });
    connection.send({ type: 'connection_init' });
    expect((await connection.next()).type).toBe('connection_ack');
    connection.send({ id: '1', type: 'subscribe', payload: { query: `subscription { identityChanged(id: "${id}") { id } }` } });
    expect((await connection.next()).type).toBe('next');
  });

  test('carries subscriptions only: what changes something comes by POST', async () => {
    const connection = await connect();
    connection.send({ type: 'connection_init', payload: { authorization: `Bearer ${operator}` } });
    await connection.next();
    connection.send({ id: '1', type: 'subscribe', payload: { query: '{ identities { totalCount } }' } });
    expect((await connection.next()).type).toBe('error');
  });

  test('is cut off when the session is revoked, when the contract ends, and when the token is revoked', async () => {
    const revoked = await api.person('Sales');
    const first = await follow(revoked.id, revoked.token);
    await first.next();
    await api.graphql('mutation ($id: ID!) { revokeSessions(identityId: $id, reason: "test") { count } }', { token: operator, variables: { id: revoked.id } });
    expect(await first.closed).toBe(4401);

    const service = await api.serviceToken('operator', 'auditor');
    const third = await follow(revoked.id, service);
    await third.next();
    await api.database.execute('update credential set ended_at = ? where id = (select id from service_token where name = ?)', [api.now, 'operator auditor']);
    expect(await third.closed).toBe(4401);
  });

  test("does not outlive the session's time", async () => {
    const { id } = await api.person('Sales');
    // Where it has expired before the first event is there, because the machine is slow, it is played again with twice the time.
    for (let given = 1500; ; given *= 2) {
      const soon = new Date(Date.parse(api.now) + given).toISOString();
      const { token } = await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, (tx) =>
        tx.sessions.open(id, 'partner', api.now, soon),
      );
      const first = await follow(id, token)
        .then(async (connection) => ({ connection, message: await connection.next() }))
        .catch((error: unknown) => {
          if (given > 20_000) throw error;
          return null;
        });
      if (first === null) continue;
      expect(first.message.type).toBe('next');
      expect(await first.connection.closed).toBe(4401);
      expect(later(api.now, 1) > soon).toBe(true);
      return;
    }
  });

  test('loses what a role gave when the role is lost', async () => {
    const { identityId } = await api.record({ externalId: 'op', facts: { displayName: 'Op', employeeNumber: 'op', department: 'Operator' } });
    const { token } = await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, (tx) =>
      tx.sessions.open(identityId ?? '', 'partner', api.now, later(api.now, 8)),
    );
    const other = await api.record({ externalId: 'watched', facts: { displayName: 'W', employeeNumber: 'watched' } });
    const connection = await follow(other.identityId ?? '', token);
    const first = await connection.next();
    expect(first.type).toBe('next');
    await api.record({ externalId: 'op', version: '2', facts: { displayName: 'Op', employeeNumber: 'op', department: 'Sales' } });
    await api.record({ externalId: 'watched', version: '2', facts: { displayName: 'W2', employeeNumber: 'watched' } });
    const message = await nextOther(connection, first);
    expect([message.type, codeOf(message)]).toEqual(['error', 'FORBIDDEN']);
  });
});
