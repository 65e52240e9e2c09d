import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, later, type TestApi } from './api.ts';

let api: TestApi;
let auditor: string;
let id: string;
const started = '2026-03-01T12:00:00.000Z';
const names = (grants: readonly { readonly name: string }[]) => grants.map(({ name }) => name);

beforeAll(async () => {
  api = await createTestApi();
  const facts = { displayName: 'Ada', employeeNumber: 'e1', endDate: '2026-09-30T22:00:00.000Z' };
  id = (await api.record({ externalId: 'e1', facts: { ...facts, department: 'Finance' } })).identityId ?? '';
  api.now = later(started, 48);
  await api.record({ externalId: 'e1', version: '2', facts: { ...facts, department: 'Sales' } });
  api.now = later(started, 60);
  auditor = await api.serviceToken('auditor');
});
afterAll(() => api.stop());

describe('accessAt', () => {
  const at = async (instant: string) => {
    const query = `query ($id: ID!, $instant: Instant!) { accessAt(identityId: $id, instant: $instant) { isForecast state why grants { name title targetTitle origins { sentence policyVersion } } } }`;
    const { data, errors } = await api.graphql(query, { token: auditor, variables: { id, instant } });
    expect(errors).toEqual([]);
    return (data as unknown as { accessAt: { isForecast: boolean; state: string | null; grants: { name: string; origins: { sentence: string }[] }[] } })
      .accessAt;
  };

  test('tells what was held at a past instant, and why', async () => {
    const then = await at(later(started, 24));
    expect([then.isForecast, then.state, names(then.grants)]).toEqual([false, 'ACTIVE', ['crm.finance', 'crm.user', 'finance']]);
    expect(then.grants[0]?.origins[0]?.sentence).toBe(
      'Because department is Finance (rule finance), as part of the role Finance clerk, according to Human resources',
    );
  });
  test('tells what is held now, and that before the first record nobody was there', async () => {
    expect(names((await at(api.now)).grants)).toEqual(['crm.user']);
    expect(await at('2026-02-01T00:00:00.000Z')).toMatchObject({ state: null, grants: [] });
  });
  test('tells what will be as far as is known today', async () => {
    expect(await at('2026-09-30T21:59:59.000Z')).toMatchObject({ isForecast: true, state: 'ACTIVE', grants: [{ name: 'crm.user' }] });
    expect(await at('2026-10-01T00:00:00.000Z')).toMatchObject({ isForecast: true, state: 'LEAVING', grants: [] });
  });
  test('says that somebody does not exist', async () => {
    const { errors } = await api.graphql('{ accessAt(identityId: "00000000-0000-4000-8000-000000000000", instant: "2026-01-01T00:00:00Z") { state } }', {
      token: auditor,
    });
    expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
  });
});

test('the forecast of a person lists what changes by itself', async () => {
  const { data } = await api.graphql('query ($id: ID!) { identity(id: $id) { forecast { at state gained lost } } }', { token: auditor, variables: { id } });
  expect(data).toEqual({
    identity: {
      forecast: [
        { at: '2026-09-30T22:00:00.000Z', state: 'LEAVING', gained: [], lost: ['crm.user'] },
        { at: '2026-10-30T23:00:00.000Z', state: 'LEFT', gained: [], lost: [] },
      ],
    },
  });
});

describe('simulateAccess', () => {
  const query = `query ($id: ID!, $facts: JSON, $at: Instant) { simulateAccess(identityId: $id, facts: $facts, at: $at) {
    state why gained { name } lost { name } kept { name } changes { target kind entitlement attributes } nextWakeUp } }`;
  const ask = (facts: object, at?: string) => api.graphql(query, { token: auditor, variables: { id, facts, at: at ?? null } });

  test('says what other facts would give and take, and what would be done for it', async () => {
    const { data, errors } = await ask({ department: 'Finance' });
    expect(errors).toEqual([]);
    expect(data).toMatchObject({
      simulateAccess: {
        state: 'ACTIVE',
        gained: [{ name: 'crm.finance' }, { name: 'finance' }],
        lost: [],
        kept: [{ name: 'crm.user' }],
        changes: [
          { target: 'crm', kind: 'CREATE', attributes: ['displayName'] },
          { target: 'crm', kind: 'ADD_MEMBER', entitlement: 'finance' },
          { target: 'crm', kind: 'ADD_MEMBER', entitlement: 'users' },
        ],
      },
    });
  });
  test('an end that is supposed goes before the one that HR reports', async () => {
    expect((await ask({ endDate: '2026-03-02T00:00:00Z' })).data).toMatchObject({ simulateAccess: { state: 'LEAVING', lost: [{ name: 'crm.user' }] } });
    expect((await ask({ endDate: null })).data).toMatchObject({ simulateAccess: { state: 'ACTIVE', nextWakeUp: null } });
  });
  test('at another instant', async () => {
    expect((await ask({}, '2026-11-15T00:00:00Z')).data).toMatchObject({ simulateAccess: { state: 'LEFT', lost: [{ name: 'crm.user' }], gained: [] } });
  });
  test('writes nothing', async () => {
    const revision = async () => (await api.graphql('query ($id: ID!) { identity(id: $id) { revision } }', { token: auditor, variables: { id } })).data;
    const before = await revision();
    await ask({ department: 'Finance' });
    expect(await revision()).toEqual(before);
  });
  test('says what is wrong with the facts', async () => {
    expect((await ask({ departmnt: 'x' })).errors[0]).toMatchObject({
      message: 'facts.departmnt: there is no such attribute (did you mean department?)',
      extensions: { code: 'INPUT_INVALID' },
    });
    expect((await api.graphql(query, { token: auditor, variables: { id, facts: [] } })).errors[0]?.extensions.code).toBe('INPUT_INVALID');
  });
  test('is not for everybody', async () => {
    const { token } = await api.person('Sales');
    expect((await api.graphql(query, { cookie: token, variables: { id, facts: {} } })).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('previewPolicy', () => {
  const query = `query ($files: [PolicyFileInput!]!) { previewPolicy(files: $files) { version people changed gains { name origin people examples } losses { name origin people } separations { rule people } } }`;
  const ask = (content: string) => api.graphql(query, { token: auditor, variables: { files: [{ name: 'access.yaml', content }] } });

  test('says who would gain and lose what over everybody, and writes nothing', async () => {
    const { data, errors } = await ask(`
entitlements:
  crm.user: { target: crm, value: users }
  crm.sales: { target: crm, value: sales }
  crm.keys: { target: crm, value: keys }
birthright:
  - { name: sales, when: 'identity.department == "Sales"', entitlements: [crm.sales] }
  - { name: keys, when: 'identity.department.startsWith("Sal")', entitlements: [crm.keys] }
separation:
  - { name: keys, conflicting: [crm.sales, crm.keys], priority: [crm.sales] }
`);
    expect(errors).toEqual([]);
    const { previewPolicy } = data as unknown as { previewPolicy: { people: number } };
    expect(previewPolicy).toMatchObject({
      version: 1,
      changed: previewPolicy.people,
      gains: [{ name: 'crm.sales', origin: 'sales' }],
      losses: [{ name: 'crm.user', origin: 'everybody', people: previewPolicy.people }],
      separations: [{ rule: 'keys' }],
    });
    expect(await api.store.read((tx) => tx.access.currentPolicyVersion())).toBe(1);
  });
  test('says what is wrong by file, line and field', async () => {
    expect((await ask('birthright: [{ name: x, when: "true", entitlements: [crm.usr] }]')).errors[0]).toMatchObject({
      message: expect.stringContaining('policy/access.yaml:1:'),
      extensions: { code: 'INPUT_INVALID' },
    });
  });
});
