import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Store } from '@tenure/store';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let operator: string;
let isBroken = false;
let isSilent = false;

/** A store whose database refuses, as a driver would report it: with its statement. */
function breakable(store: Store): Store {
  const broken = async (): Promise<never> => {
    throw new Error("select secret_column from identity where email = 'ann@contoso.example' - relation does not exist");
  };
  return {
    ...store,
    read: (work) => store.read((tx) => work(isBroken ? { ...tx, identities: { ...tx.identities, page: broken, many: broken } } : tx)),
    check: () => (isBroken ? broken() : store.check()),
    // A server that hangs takes the question and never answers.
    missingMigrations: () => (isSilent ? new Promise(() => undefined) : store.missingMigrations()),
  };
}

beforeAll(async () => {
  api = await createTestApi({ store: breakable });
  operator = await api.serviceToken('operator');
});
afterAll(() => api.stop());

describe('errors', () => {
  test('of the query say what is wrong with it', async () => {
    for (const query of [
      '{ identites { totalCount } }',
      '{ identities { ',
      'query ($a: Int!) { identities(first: $a) { totalCount } }',
      'query { policyVersion(version: "x") { version } }',
    ]) {
      for (let time = 0; time < 3; time += 1) {
        const { status, errors } = await api.graphql(query, { token: operator });
        expect({ query, status, code: errors[0]?.extensions.code }).toEqual({ query, status: 400, code: 'GRAPHQL_VALIDATION_FAILED' });
      }
    }
  });

  test('of ours have a stable code and details, on a compiled query too', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    for (let time = 0; time < 3; time += 1) {
      const { errors, status } = await api.graphql(`mutation { retryOperation(id: "${id}", reason: "again") { id } }`, { token: operator });
      expect(status).toBe(200);
      expect(errors).toEqual([
        {
          message: `there is no operation ${id}`,
          locations: expect.anything(),
          path: ['retryOperation'],
          extensions: { code: 'NOT_FOUND', details: { operationId: id } },
        },
      ]);
    }
  });

  test("of nobody's are hidden behind a reference, under which the log has them", async () => {
    isBroken = true;
    for (let time = 0; time < 3; time += 1) {
      const { errors } = await api.graphql('query ($search: String) { identities(search: $search) { totalCount } }', {
        token: operator,
        variables: { search: 'ann' },
        headers: { 'x-request-id': `req-${time}` },
      });
      expect(errors).toMatchObject([{ message: 'internal error', extensions: { code: 'INTERNAL', reference: `req-${time}` } }]);
      expect(JSON.stringify(errors)).not.toMatch(/select|secret_column|contoso/);
      expect(api.log.filter((line) => line.includes(`"req-${time}"`) && line.includes('secret_column'))).toHaveLength(1);
    }
    isBroken = false;
  });

  test('of a text that no database takes are the caller’s', async () => {
    const search = 'query ($search: String) { identities(search: $search) { totalCount } }';
    const { errors } = await api.graphql(search, { token: operator, variables: { search: 'a\u0000b' } });
    expect(errors).toMatchObject([{ extensions: { code: 'INPUT_INVALID' } }]);
    expect((await api.graphql(search, { token: operator, variables: { search: 'a\uD800b' } })).errors).toEqual([]);
  });

  test('an identity that is gone in the middle of an answer is null, not an error', async () => {
    expect((await api.graphql('{ identity(id: "00000000-0000-4000-8000-000000000000") { id } }', { token: operator })).data).toEqual({ identity: null });
  });
});

describe('the log', () => {
  test('names a request by method, route and status, and says nothing of what was asked', async () => {
    api.app.getHttpAdapter().getInstance();
    await api.graphql('query ($search: String) { identities(search: $search) { totalCount } }', {
      token: operator,
      variables: { search: 'very-private-name' },
      headers: { 'x-request-id': 'plain.id-1' },
    });
    await api.app.inject({ method: 'GET', url: '/me?name=very-private-name' });
    expect(api.log.join('\n')).not.toContain('very-private-name');
    expect(api.log.join('\n')).not.toContain(operator);
    const line = api.log.find((one) => one.includes('plain.id-1') && one.includes('answered'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ method: 'POST', route: '/graphql', status: 200 });
  });

  test('takes over a request id that is short and plain, and no other', async () => {
    const plain = await api.app.inject({ method: 'GET', url: '/health/live', headers: { 'x-request-id': 'abc-123' } });
    expect(plain.headers['x-request-id']).toBe('abc-123');
    for (const odd of ['a b', 'x'.repeat(65), '{"level":60}', 'ümlaut']) {
      const response = await api.app.inject({ method: 'GET', url: '/health/live', headers: { 'x-request-id': odd } });
      expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('health', () => {
  test('is ready when the database answers and has every migration', async () => {
    const response = await api.app.inject({ method: 'GET', url: '/health/ready' });
    expect([response.statusCode, response.json()]).toEqual([200, { status: 'ok', checks: { database: 'ok', migrations: 'ok' } }]);
  });

  test('says which migration is missing', async () => {
    await api.database.execute(`delete from tenure_migration where name = '0003-changes'`);
    const response = await api.app.inject({ method: 'GET', url: '/health/ready' });
    expect([response.statusCode, response.json()]).toMatchObject([503, { checks: { migrations: expect.stringContaining('0003-changes') } }]);
    await api.database.execute(`insert into tenure_migration (name) values ('0003-changes')`);
  });

  test('says that the database does not answer, and lives on', async () => {
    isBroken = true;
    const ready = await api.app.inject({ method: 'GET', url: '/health/ready' });
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'not ready', checks: { database: 'does not answer', migrations: 'ok' } }]);
    expect((await api.app.inject({ method: 'GET', url: '/health/live' })).statusCode).toBe(200);
    isBroken = false;
  });

  test('says so too when the database takes the question and never answers', async () => {
    isSilent = true;
    const ready = await api.app.inject({ method: 'GET', url: '/health/ready' });
    isSilent = false;
    expect([ready.statusCode, ready.json()]).toEqual([503, { status: 'not ready', checks: { database: 'ok', migrations: 'does not answer' } }]);
  });
});
