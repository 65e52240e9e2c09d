import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { NewCase, Transaction } from '@tenure/store';
import { exampleCase } from '@tenure/domain/testing';
import { type Client, createClient } from 'graphql-ws';
import { createTestApi, later, type TestApi } from './api.ts';

let api: TestApi;
let address: string;
const clients: Client[] = [];

beforeAll(async () => {
  api = await createTestApi();
  await api.app.listen(0, '127.0.0.1');
  address = `${(await api.app.getUrl()).replace('http', 'ws')}/graphql`;
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
afterAll(() => api.stop());

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }, work);

interface Told {
  readonly data?: Record<string, never> | null;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

/** Messages that a client of people receives. @param token absent: it does not authenticate */
function subscribe(token: string | null, query: string): AsyncIterator<Told> {
  const client = createClient({
    url: address,
    webSocketImpl: createRequire(import.meta.url)('ws'),
    retryAttempts: 0,
    ...(token === null ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
  });
  clients.push(client);
  return client.iterate({ query: `subscription { ${query} }` }) as unknown as AsyncIterator<Told>;
}
const next = async (told: AsyncIterator<Told>): Promise<unknown> => {
  const { value } = (await told.next()) as { value: Told };
  return value.data ?? value;
};
/** End of a subscription by the server: its errors, or the code with which the socket was closed. */
const endOf = (told: AsyncIterator<Told>): Promise<unknown> =>
  told.next().then(
    () => 'it went on',
    (reason: unknown) =>
      Array.isArray(reason) ? (reason as Required<Told>['errors']).map(({ extensions }) => extensions?.code) : (reason as { code?: number }).code,
  );

async function openCase(about: string, ownerId: string | null): Promise<string> {
  const wanted: NewCase = {
    ...exampleCase('policy-evaluation'),
    key: `test/${about}/${Math.random()}`,
    identityId: about,
    target: null,
    operationId: null,
  };
  return (await act((tx) => tx.cases.open({ ...wanted, ownerId }, api.now)))?.id ?? '';
}
const mutate = async (token: string, mutation: string): Promise<void> => {
  expect((await api.graphql(`mutation { ${mutation} { id } }`, { token })).errors).toEqual([]);
};

describe('inboxChanged', () => {
  const inbox = 'inboxChanged { totalCount edges { node { id claimedBy { displayName } } } }';

  test('tells each what is theirs, and nothing of what others have', async () => {
    const [about, owner, other] = [await api.person('Sales'), await api.person('Sales'), await api.person('Sales')];
    const theirs = subscribe(owner.token, inbox);
    const others = subscribe(other.token, inbox);
    const empty = { inboxChanged: { totalCount: 0, edges: [] } };
    expect([await next(theirs), await next(others)]).toEqual([empty, empty]);
    const id = await openCase(about.id, owner.id);
    expect(await next(theirs)).toEqual({ inboxChanged: { totalCount: 1, edges: [{ node: { id, claimedBy: null } }] } });
    await mutate(owner.token, `claimCase(id: "${id}")`);
    expect(await next(theirs)).toMatchObject({ inboxChanged: { edges: [{ node: { id, claimedBy: { displayName: expect.any(String) } } }] } });
    // The next message of the other one is their own, though much has happened before.
    await mutate(owner.token, `reassignCase(id: "${id}", ownerId: "${other.id}", reason: "theirs")`);
    expect(await next(others)).toEqual({ inboxChanged: { totalCount: 1, edges: [{ node: { id, claimedBy: null } }] } });
    expect(await next(theirs)).toEqual(empty);
  });

  test('is refused to those who say nothing, to wrong tokens, and to those who may ask for no cases', async () => {
    for (const token of [null, 'ts_wrong']) expect(await endOf(subscribe(token, inbox))).toBe(4401);
    expect(await endOf(subscribe(await api.serviceToken('source:hr'), inbox))).toEqual(['FORBIDDEN']);
  });
});

describe('caseChanged', () => {
  const followed = (id: string): string => `caseChanged(id: "${id}") { status ownerId comments { text } actions { mutation } }`;

  test('tells whose it is what becomes of it, what is said about it included, until it is theirs no longer', async () => {
    const [about, owner, other] = [await api.person('Sales'), await api.person('Sales'), await api.person('Sales')];
    const operator = await api.serviceToken('operator');
    const id = await openCase(about.id, owner.id);
    for (const stranger of [about, other]) expect(await endOf(subscribe(stranger.token, followed(id)))).toEqual(['FORBIDDEN']);
    expect(await endOf(subscribe(other.token, followed('00000000-0000-4000-8000-000000000000')))).toEqual(['FORBIDDEN']);
    const told = subscribe(owner.token, followed(id));
    expect(await next(told)).toMatchObject({ caseChanged: { status: 'OPEN', ownerId: owner.id, comments: [] } });
    await mutate(operator, `commentCase(id: "${id}", text: "Asked the vendor")`);
    expect(await next(told)).toMatchObject({ caseChanged: { comments: [{ text: 'Asked the vendor' }] } });
    await mutate(operator, `reassignCase(id: "${id}", ownerId: "${other.id}", reason: "theirs")`);
    expect(await endOf(told)).toEqual(['FORBIDDEN']);
    const theirs = subscribe(other.token, followed(id));
    expect(await next(theirs)).toMatchObject({ caseChanged: { ownerId: other.id } });
    await act((tx) => tx.cases.close(id, 'test', 'over', api.now));
    expect(await next(theirs)).toMatchObject({ caseChanged: { status: 'CLOSED', actions: [] } });
  });

  test('ends with the session, and with the token', async () => {
    const [about, owner] = [await api.person('Sales'), await api.person('Sales')];
    const id = await openCase(about.id, owner.id);
    const operator = await api.serviceToken('operator');
    const [ofPerson, ofToken] = [subscribe(owner.token, followed(id)), subscribe(operator, followed(id))];
    for (const told of [ofPerson, ofToken]) expect(await next(told)).toMatchObject({ caseChanged: { status: 'OPEN' } });
    await act((tx) => tx.sessions.revokeAll(owner.id, 'test', api.now));
    expect(await endOf(ofPerson)).toBe(4401);
    await api.database.execute("update credential set ended_at = ? where id in (select id from service_token where name = 'operator')", [later(api.now, 0)]);
    expect(await endOf(ofToken)).toBe(4401);
  });
});
