import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { Transaction } from '@tenure/store';
import { exampleCase } from '@tenure/domain/testing';
import { getNamedType, type GraphQLField, isNonNullType, isObjectType } from 'graphql';
import { createTestApi, later, type TestApi } from '../api.ts';
import { type Connection, openSocket } from '../socket-client.ts';

/** Reasons that operators, reviewers and others write about a person, which that person tries to read in every way that is open to them. */
let api: TestApi;
let ann: { id: string; token: string };
let operator: string;
let caseId: string;
let requestId: string;
let address: string;
const word = 'UNDER-INVESTIGATION';

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  api.store.transaction({ actor: { kind: 'service', id: 'an operator' }, correlationId: 'test', now: api.now }, work);

beforeAll(async () => {
  api = await createTestApi();
  await api.app.listen(0, '127.0.0.1');
  address = (await api.app.getUrl()).replace('http', 'ws');
  [ann, operator] = [await api.person('Sales'), await api.serviceToken('operator')];
  const boss = await api.person('Finance');
  const variables = { id: ann.id, reason: `${word}, says Ben`, until: later(api.now, 24) };
  for (const mutation of [
    'revokeSessions(identityId: $id, reason: $reason) { count }',
    'terminate(identityIds: [$id], at: $until, reason: $reason) { outcome }',
    'withdrawTermination(identityId: $id, reason: $reason) { outcome }',
    'suspendProvisioning(input: { identityId: $id, reason: $reason, until: $until }) { id }',
  ]) {
    const { errors } = await api.graphql(
      `mutation ($id: ID!, $reason: String!, $until: Instant!) { ${mutation} }`.replace(mutation.includes('$until') ? '' : ', $until: Instant!', ''),
      { token: operator, variables },
    );
    expect({ mutation, errors }).toEqual({ mutation, errors: [] });
  }
  caseId = await act((tx) =>
    tx.cases.open({ ...exampleCase('transfer'), key: `test/${ann.id}`, identityId: ann.id, target: null, operationId: null }, api.now),
  ).then(async () => (await api.store.read((tx) => tx.cases.openOfKey(`test/${ann.id}`)))?.id ?? '');
  await api.graphql('mutation ($id: ID!, $text: String!) { commentCase(id: $id, text: $text) { id } }', {
    token: operator,
    variables: { id: caseId, text: word },
  });
  // As it never should be: hers to answer, though it is about her.
  await act((tx) => tx.cases.giveTo(caseId, { ownerId: ann.id, ownerGroup: null }, api.now));
  requestId = await plantRequest(boss.id);
  ann = { ...ann, token: await act((tx) => tx.sessions.open(ann.id, 'partner', api.now, later(api.now, 8))).then(({ token }) => token) };
});
afterAll(() => api.stop());

/** Request that her manager made on her behalf, with an answer, and break-glass access that was reviewed. */
async function plantRequest(bossId: string): Promise<string> {
  const [request, item, emergency] = [randomUUID(), randomUUID(), randomUUID()];
  const columns = (table: string): Promise<readonly { column_name: string; data_type: string; is_nullable: string }[]> =>
    api.database.execute('select column_name, data_type, is_nullable from information_schema.columns where table_name = ?', [table]) as never;
  const insert = async (table: string, given: Readonly<Record<string, unknown>>): Promise<void> => {
    const fallback: Readonly<Record<string, unknown>> = {
      text: 'x',
      jsonb: '[]',
      integer: 0,
      boolean: false,
      ARRAY: '{}',
      'timestamp with time zone': api.now,
    };
    const row = Object.fromEntries(
      (await columns(table))
        .filter(({ column_name, is_nullable }) => column_name in given || is_nullable === 'NO')
        .map(({ column_name, data_type }) => [column_name, given[column_name] ?? fallback[data_type]]),
    );
    await api.database.execute(
      `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.keys(row)
        .map(() => '?')
        .join(', ')})`,
      Object.values(row),
    );
  };
  await insert('access_request', { id: request, identity_id: ann.id, requested_by: bossId, justification: `${word}, so that we see`, status: 'closed' });
  const common = { request_id: request, policy_version: 1, identity_id: ann.id, kind: 'role', name: 'finance', duration: 'PT1H' };
  await insert('request_item', { ...common, id: item, status: 'denied', reason: 'denied', stages: JSON.stringify([{ name: 'first', quorum: 1 }]) });
  await insert('request_answer', {
    id: randomUUID(),
    item_id: item,
    request_id: request,
    stage: 0,
    given_by: bossId,
    approves: false,
    comment: word,
    outcome: 'counted',
  });
  await insert('request_item', {
    ...common,
    id: emergency,
    status: 'ended',
    is_break_glass: true,
    review: 'not-justified',
    review_comment: word,
    reviewed_by: bossId,
    reviewed_at: api.now,
  });
  return request;
}

/** Every path of fields that ends in a value, from a root field on. */
function paths(field: GraphQLField<unknown, unknown>, depth: number): readonly string[] {
  const arguments_ = field.args.filter(({ type }) => isNonNullType(type));
  const given = arguments_
    .map(({ name }) => `${name}: "${name === 'id' && /Request/.test(field.name) ? requestId : /case/i.test(field.name) ? caseId : ann.id}"`)
    .join(', ');
  const head = `${field.name}${given === '' ? '' : `(${given})`}`;
  const type = getNamedType(field.type);
  // Words are texts.
  if (!isObjectType(type)) return ['String', 'JSON'].includes(type.name) ? [head] : [];
  if (depth === 0) return [];
  return Object.values(type.getFields()).flatMap((inner) => paths(inner, depth - 1).map((path) => `${head} { ${path} }`));
}

describe('what was written about somebody', () => {
  test('is there for operators', async () => {
    const query = `{ identity(id: "${ann.id}") { timeline(first: 50) { sentence } cases { comments { text } } } accessRequest(id: "${requestId}") { justification items { review { comment } stages { answers { comment } } } } }`;
    const { data } = await api.graphql(query, { token: operator });
    expect(JSON.stringify(data).split(word).length).toBeGreaterThan(8);
  });

  test('is on no path of GraphQL that is open to the person', async () => {
    // Refusals, of which there are many below, would fill her timeline.
    for (const path of [
      '{ me { timeline(first: 50) { sentence action } } }',
      `{ case(id: "${caseId}") { id comments { text } } }`,
      '{ myRequests { id justification } }',
    ]) {
      const { data, errors } = await api.graphql(path, { cookie: ann.token, headers: { origin: 'http://localhost:4000' } });
      expect([errors, JSON.stringify(data).includes(path.includes('case(') ? caseId : path.includes('myRequests') ? requestId : 'sessions.revoked')]).toEqual([
        [],
        true,
      ]);
    }
    const { schema } = api.app.get(GraphQLSchemaHost);
    const all = Object.values(schema.getQueryType()?.getFields() ?? {}).flatMap((field) => paths(field, 4));
    expect(all.length).toBeGreaterThan(300);
    let answered = 0;
    for (const path of all) {
      const { data, errors } = await api.graphql(`{ ${path} }`, { cookie: ann.token, headers: { origin: 'http://localhost:4000' } });
      if (errors.length === 0) answered += 1;
      expect({ path, found: JSON.stringify({ data, errors }).includes(word) }).toEqual({ path, found: false });
    }
    expect(answered).toBeGreaterThan(50);
  }, 240_000);

  test('is in no subscription and on no page', async () => {
    for (const query of [
      `subscription { identityChanged(id: "${ann.id}") { timeline(first: 50) { sentence reason } } }`,
      `subscription { caseChanged(id: "${caseId}") { id comments { text } evidence resolution } }`,
      'subscription { inboxChanged { edges { node { id comments { text } evidence resolution } } } }',
    ]) {
      const connection: Connection = await openSocket(address);
      connection.send({ type: 'connection_init', payload: { authorization: `Bearer ${ann.token}` } });
      await connection.next();
      connection.send({ id: '1', type: 'subscribe', payload: { query } });
      const message = await connection.next();
      expect([query, message.type, JSON.stringify(message).includes(word)]).toEqual([query, 'next', false]);
      connection.socket.close();
    }
    const page = await api.app.inject({ method: 'GET', url: '/me', headers: { cookie: `tenure_session=${ann.token}` } });
    expect([page.statusCode, page.body.includes('Log out'), page.body.includes(word)]).toEqual([200, true, false]);
  });

  test('what she wrote herself, and what answers her, she reads', async () => {
    await api.database.execute('update access_request set requested_by = ? where id = ?', [ann.id, requestId]);
    const query = '{ myRequests { justification items { review { comment } stages { answers { comment } } } } }';
    const { data, errors } = await api.graphql(query, { cookie: ann.token, headers: { origin: 'http://localhost:4000' } });
    expect(errors).toEqual([]);
    const said = JSON.stringify(data);
    // Her justification and the approver's answer; the review of her break-glass access stays with the reviewers.
    expect([said.split(word).length - 1, said.includes('"comment":""')]).toEqual([2, true]);
  });
});
