import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { createTestApi, type TestApi } from './api.ts';

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await createTestApi();
  operator = await api.serviceToken('operator');
});
afterAll(() => api.stop());

const nested = (levels: number): string => {
  const inside = 'cases { identity { '.repeat(levels);
  return `{ identities { edges { node { ${inside} id ${'} }'.repeat(levels)} } } } }`;
};

describe('what is too much is refused before it runs', () => {
  const refused: Readonly<Record<string, string>> = {
    'deeper than 12': nested(6),
    'lists in lists': '{ identities(first: 100) { edges { node { operations(first: 100) { attempts { id at code message } } } } } }',
    'a flood of aliases': `{ ${Array.from({ length: 90 }, (_, index) => `a${index}: identities(first: 100) { edges { node { id userName grants { name } } } }`).join(' ')} }`,
    'a flood of mutations': `mutation { ${Array.from({ length: 40 }, (_, index) => `a${index}: revokeSessions(identityId: "x", reason: "y") { count }`).join(' ')} }`,
    'fragments that multiply': `query { identities { ...a } } ${'abcdefghijklmnop'
      .split('')
      .map((name, index, all) => `fragment ${name} on IdentityConnection { ${all[index + 1] ? `...${all[index + 1]} ...${all[index + 1]}` : 'totalCount'} }`)
      .join(' ')}`,
    'two operations': 'query a { identities { totalCount } } query b { identities { totalCount } }',
    'a syntax tree in JSON': JSON.stringify({ kind: 'Document', definitions: [] }),
    'more than 2,000 words': `{ identities { ${'totalCount '.repeat(2_001)} } }`,
  };
  for (const [name, query] of Object.entries(refused)) {
    test(name, async () => {
      // More than once: a query that is known is compiled, and has to be refused all the same.
      for (let time = 0; time < 3; time += 1) {
        const { errors, data, status } = await api.graphql(query, { token: operator });
        expect({ code: errors[0]?.extensions.code, data, status }).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED', data: null, status: 400 });
      }
    });
  }

  test('a length that comes in a variable counts too', async () => {
    const query = 'query ($first: Int!) { identities(first: 100) { edges { node { operations(first: $first) { attempts { id at code message } } } } } }';
    expect((await api.graphql(query, { token: operator, variables: { first: 1 } })).errors).toEqual([]);
    expect((await api.graphql(query, { token: operator, variables: { first: 100 } })).errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  test('a page of 50 people with everything that the console shows is not too much', async () => {
    const query =
      '{ identities(first: 50) { totalCount edges { node { id userName state displayName grants { name title validUntil origins { sentence } } accounts { target isConfirmed } operations(first: 5) { kind status } } } } }';
    expect((await api.graphql(query, { token: operator })).errors).toEqual([]);
  });

  test('many requests in one body', async () => {
    const response = await api.app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { authorization: `Bearer ${operator}` },
      payload: [{ query: '{ identities { totalCount } }' }, { query: '{ identities { totalCount } }' }],
    });
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ data: null, errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
  });

  test('a body over 1 MB, a body that is no JSON, and another kind of body', async () => {
    const send = (payload: string, type = 'application/json') =>
      api.app.inject({ method: 'POST', url: '/graphql', headers: { authorization: `Bearer ${operator}`, 'content-type': type }, payload });
    const large = await send(JSON.stringify({ query: '{ identities { totalCount } }', variables: { x: 'x'.repeat(1_100_000) } }));
    expect([large.statusCode, large.json<{ errors: { extensions: { code: string } }[] }>().errors[0]?.extensions.code]).toEqual([413, 'INPUT_INVALID']);
    const broken = await send('{ "query": ');
    expect([broken.statusCode, broken.json<{ errors: { extensions: { code: string } }[] }>().errors[0]?.extensions.code]).toEqual([400, 'INPUT_INVALID']);
    expect((await send('query=x', 'application/x-www-form-urlencoded')).statusCode).toBe(415);
  });

  test('a query in an address, where proxies would keep it', async () => {
    const response = await api.app.inject({ method: 'GET', url: '/graphql?query={identities{totalCount}}', headers: { authorization: `Bearer ${operator}` } });
    expect(response.statusCode).toBe(405);
  });
});

describe('the database is asked a constant number of times', () => {
  test('for a page of 50 as for a page of 5, with grants, accounts, operations, attempts and attributes', async () => {
    for (let index = 0; index < 50; index += 1)
      await api.record({ externalId: `n${index}`, facts: { displayName: `N ${index}`, employeeNumber: `n${index}`, department: 'Finance' } });
    const query = `query ($first: Int!) { identities(first: $first) { totalCount edges { node {
      id displayName attributes { name recordedAt } grants { name origins { sentence } } accounts { target } operations(first: 3) { kind attempts { at } } cases { id } sessionCount timeline(first: 3) { sentence }
    } } } }`;
    const count = async (first: number): Promise<{ statements: number; people: number }> => {
      const real = Client.prototype.query;
      let statements = 0;
      Client.prototype.query = function (this: unknown, ...all: unknown[]) {
        statements += 1;
        return (real as (...all: unknown[]) => unknown).apply(this, all);
      } as typeof real;
      try {
        const { data, errors } = await api.graphql(query, { token: operator, variables: { first } });
        expect(errors).toEqual([]);
        return { statements, people: (data as unknown as { identities: { edges: unknown[] } }).identities.edges.length };
      } finally {
        Client.prototype.query = real;
      }
    };
    await count(5);
    const [few, many] = [await count(5), await count(50)];
    expect([few.people, many.people]).toEqual([5, 50]);
    expect(few.statements).toBeGreaterThan(10);
    expect(many.statements).toBe(few.statements);
  });
});
