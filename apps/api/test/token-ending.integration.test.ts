import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { askAboutTokens } from '@tenure/engine/tokens';
import type { Transaction } from '@tenure/store';
import { createTestApi, later, type TestApi } from './api.ts';

/** Cases about the token of a source before it expires, for the person responsible for it. */
let api: TestApi;
const begun = '2026-03-01T12:00:00.000Z';
const days = (count: number): string => later(begun, count * 24);

beforeAll(async () => {
  api = await createTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  api.now = begun;
  await api.database.execute('delete from case_file');
});

const act = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> =>
  api.store.transaction({ actor: { kind: 'system', id: 'sweep' }, correlationId: 'test', now: api.now }, work);
const askAt = async (at: string): Promise<readonly Record<string, unknown>[]> => {
  api.now = at;
  await act(askAboutTokens);
  return api.database.execute('select id, status, owner_id, evidence, resolution from case_file order by opened_at, id');
};
const feed = (expiresAt: string, more: object = {}) =>
  act((tx) => tx.sessions.createServiceToken({ name: 'HR feed', roles: ['source:hr'], createdBy: 'npm run token', expiresAt, ...more }, api.now));

test('its responsible person, once, a fortnight before; their answer closes it and nothing asks again', async () => {
  const ann = await api.person('Sales');
  const { serviceToken } = await feed(days(365), { responsibleId: ann.id });
  expect(await askAt(later(days(351), -1))).toEqual([]);
  const asked = await askAt(days(351));
  expect(asked).toMatchObject([{ owner_id: ann.id, evidence: { tokenId: serviceToken.id, name: 'HR feed', endsAt: days(365) } }]);
  expect(await askAt(days(352))).toHaveLength(1);
  // The session of the test is over by now.
  const { token } = await act((tx) => tx.sessions.open(ann.id, 'partner', api.now, later(api.now, 8)));
  const { data } = await api.graphql('{ myCases { id kind } cases { edges { node { actions { mutation } } } } }', { token });
  expect(data).toMatchObject({ myCases: [{ id: asked[0]?.['id'], kind: 'TOKEN_ENDING' }] });
  expect(JSON.stringify(data)).toContain('"mutation":"resolveCase"');
  const resolve = 'mutation ($id: ID!) { resolveCase(id: $id, resolution: "the feed has another one") { status } }';
  expect((await api.graphql(resolve, { token, variables: { id: asked[0]?.['id'] } })).errors).toEqual([]);
  expect(await askAt(days(353))).toMatchObject([{ status: 'closed' }]);
});

test('the operators, where nobody is named or who is named has left', async () => {
  const { identityId } = await api.record({ externalId: 'gone', facts: { employeeNumber: 'gone', department: 'Sales' } });
  await feed(days(30));
  await feed(days(30), { responsibleId: identityId });
  await api.record({ externalId: 'gone', version: '2', facts: { employeeNumber: 'gone' }, status: 'ended' });
  expect((await askAt(days(25))).map(({ owner_id }) => owner_id)).toEqual([null, null]);
});

test('nobody about a token that is no source’s, that lives for a day, or that is over; and what was asked about one that ends meanwhile has answered itself', async () => {
  await feed(days(1));
  await feed(days(365), { roles: ['auditor'] });
  const { serviceToken } = await feed(days(20));
  expect(await askAt(later(days(1), -1))).toEqual([]);
  expect(await askAt(days(16))).toMatchObject([{ status: 'open', evidence: { tokenId: serviceToken.id } }]);
  await act((tx) => tx.sessions.revokeServiceToken(serviceToken.id, 'test', api.now));
  expect(await askAt(days(17))).toMatchObject([{ status: 'closed', resolution: 'the token has ended' }]);
});

test('is named when the token is made: somebody who is there, and for tokens of sources alone', async () => {
  const { token } = await api.person('Admin');
  const ann = await api.person('Sales');
  const create = async (input: object): Promise<unknown> => {
    const { data, errors } = await api.graphql(
      'mutation ($input: CreateServiceTokenInput!) { createServiceToken(input: $input) { serviceToken { responsibleId identityId parentId lastUsedAt } } }',
      { token, variables: { input: { name: 't', expiresAt: days(2), ...input } } },
    );
    return errors[0]?.extensions.details?.['argument'] ?? data;
  };
  expect(await create({ roles: ['source:hr'], responsibleId: ann.id })).toMatchObject({
    createServiceToken: { serviceToken: { responsibleId: ann.id, parentId: null, lastUsedAt: null } },
  });
  expect(await create({ roles: ['auditor'], responsibleId: ann.id })).toBe('input.responsibleId');
  expect(await create({ roles: ['source:hr'], responsibleId: '00000000-0000-4000-8000-000000000000' })).toBe('input.responsibleId');
});
