import { exampleCase } from '@tenure/domain/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, later, type TestApi } from './api.ts';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  employeeNumber: { type: string }
  manager: { type: string }
  department: { type: string }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: employee, correlate: [{ attribute: employeeNumber }] }
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
lifecycle:
  - name: all
    end:
      grace: P30D
      then: delete
      transfer: { to: { attribute: manager, by: employeeNumber }, what: [owned-groups, service-accounts] }
`;

let api: TestApi;
let operator: string;

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
  operator = await api.serviceToken('operator');
});
afterAll(() => api.stop());

/** A person who is logged in. */
async function person(number: string, manager: string | null): Promise<{ id: string; token: string }> {
  const { identityId } = await api.record({ externalId: number, facts: { displayName: `Person ${number}`, employeeNumber: number, manager } });
  const id = identityId ?? '';
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now } as const;
  const { token } = await api.store.transaction(context, (tx) => tx.sessions.open(id, 'none', api.now, later(api.now, 24 * 365)));
  return { id, token };
}
const leave = (number: string, manager: string | null, version = '2', status: 'active' | 'ended' = 'ended') =>
  api.record({ externalId: number, version, status, facts: { displayName: `Person ${number}`, employeeNumber: number, manager } });
const mine = async (token: string): Promise<readonly { id: string }[]> =>
  ((await api.graphql('{ myCases { id kind subjectName evidence deadline } }', { token })).data as unknown as { myCases: { id: string }[] }).myCases;
const resolve = (id: string, token: string) =>
  api.graphql('mutation ($id: ID!) { resolveCase(id: $id, resolution: "Bo has the groups, the batch user is gone") { status resolution } }', {
    token,
    variables: { id },
  });
const reassign = (id: string, ownerId: string | null, token: string) =>
  api.graphql('mutation ($id: ID!, $to: ID) { reassignCase(id: $id, ownerId: $to, reason: "knows them better") { ownerId } }', {
    token,
    variables: { id, to: ownerId },
  });

describe('who leaves', () => {
  test('has what was theirs taken over: the manager is asked once, with the list and a deadline', async () => {
    const boss = await person('boss-1', null);
    const stranger = await person('stranger-1', null);
    await person('one', 'boss-1');
    await leave('one', 'boss-1');
    const [asked, ...others] = await mine(boss.token);
    expect(others).toEqual([]);
    expect(asked).toMatchObject({
      kind: 'TRANSFER',
      subjectName: 'Person one',
      evidence: { what: ['owned-groups', 'service-accounts'], grants: ['crm.user'], accounts: ['crm'] },
      deadline: '2026-03-31T11:00:00.000Z',
    });
    expect(await mine(stranger.token)).toEqual([]);
    expect((await resolve(asked?.id ?? '', stranger.token)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await resolve(asked?.id ?? '', boss.token)).data).toEqual({ resolveCase: { status: 'CLOSED', resolution: 'ANSWERED' } });
    expect((await resolve(asked?.id ?? '', boss.token)).errors[0]?.extensions.code).toBe('CASE_CLOSED');
    // The case is opened once: later events of the leaver open no other.
    await leave('one', 'boss-1', '3');
    expect(await mine(boss.token)).toEqual([]);
  });

  test('and comes back, takes the question back', async () => {
    const boss = await person('boss-2', null);
    await person('two', 'boss-2');
    await leave('two', 'boss-2');
    expect(await mine(boss.token)).toHaveLength(1);
    await leave('two', 'boss-2', '3', 'active');
    expect(await mine(boss.token)).toEqual([]);
  });

  test('without a manager is for the operators to see to, who can give it to somebody', async () => {
    const { id } = await person('three', 'nobody-known');
    const other = await person('other-3', null);
    await leave('three', 'nobody-known');
    const { data } = await api.graphql(
      'query ($id: ID!) { cases(filter: { status: OPEN, kind: TRANSFER, identityId: $id }) { edges { node { id ownerId } } } }',
      {
        token: operator,
        variables: { id },
      },
    );
    const [{ node }] = (data as unknown as { cases: { edges: [{ node: { id: string; ownerId: string | null } }] } }).cases.edges;
    expect(node.ownerId).toBeNull();
    expect((await reassign(node.id, other.id, other.token)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await reassign(node.id, id, operator)).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await reassign(node.id, other.id, operator)).data).toEqual({ reassignCase: { ownerId: other.id } });
    expect(await mine(other.token)).toMatchObject([{ id: node.id }]);
    expect((await reassign(node.id, null, other.token)).data).toEqual({ reassignCase: { ownerId: null } });
    expect(await mine(other.token)).toEqual([]);
  });

  test('what a person writes about it is kept with the key of whom it is about', async () => {
    expect(JSON.stringify(await api.database.execute(`select * from audit_event where action in ('case.closed', 'case.reassigned')`))).not.toMatch(
      /Bo has|knows them/,
    );
  });
});

test('a case that is about a state of things is not closed by a word', async () => {
  const { id } = await person('four', null);
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now } as const;
  const opened = await api.store.transaction(context, (tx) =>
    tx.cases.open({ ...exampleCase('end-not-confirmed'), key: 'k', identityId: id, target: 'crm', operationId: null }, api.now),
  );
  expect((await resolve(opened?.id ?? '', operator)).errors[0]?.extensions.code).toBe('INPUT_INVALID');
});
