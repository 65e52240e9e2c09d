import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, type TestApi } from './api.ts';

const end = '2026-06-30T22:00:00.000Z';
let api: TestApi;
let reader: string;
let ann: string;

interface Held {
  readonly name: string;
  readonly validUntil: string | null;
}

beforeAll(async () => {
  api = await createTestApi();
  reader = await api.serviceToken('admin');
  // The last administrator is not ended.
  await api.person('Admin');
  const facts = { displayName: 'Ann', employeeNumber: 'ann', department: 'Admin', endDate: end };
  ann = (await api.record({ externalId: 'ann', facts })).identityId ?? '';
});
afterAll(() => api.stop());

async function ask<T>(query: string, variables: object = {}): Promise<T> {
  const { data, errors } = await api.graphql(query, { token: reader, variables: { id: ann, ...variables } });
  expect(errors).toEqual([]);
  return data as unknown as T;
}
const untilOf = (grants: readonly Held[]): Readonly<Record<string, string | null>> =>
  Object.fromEntries(grants.map(({ name, validUntil }) => [name, validUntil]));

describe('nothing that a person holds is shown to have no end, or a later one, when their own end is known', () => {
  // The rules of both have no end.
  const expected = { 'crm.user': end, 'tenure.admin': end };

  test('Identity.grants', async () => {
    const { identity } = await ask<{ identity: { grants: readonly Held[] } }>('query ($id: ID!) { identity(id: $id) { grants { name validUntil } } }');
    expect(untilOf(identity.grants)).toEqual(expected);
  });

  test.each([
    ['as it was', 0],
    ['as it will be', 3_600_000],
  ])('accessAt, %s', async (_title, later) => {
    const instant = new Date(Date.parse(api.now) + later).toISOString();
    const { accessAt } = await ask<{ accessAt: { grants: readonly Held[] } }>(
      'query ($id: ID!, $instant: Instant!) { accessAt(identityId: $id, instant: $instant) { grants { name validUntil } } }',
      { instant },
    );
    expect(untilOf(accessAt.grants)).toEqual(expected);
  });

  test('simulateAccess, with the end that is supposed', async () => {
    const { simulateAccess } = await ask<{ simulateAccess: { kept: readonly Held[]; lost: readonly Held[]; gained: readonly Held[] } }>(
      'query ($id: ID!, $facts: JSON) { simulateAccess(identityId: $id, facts: $facts) { kept { name validUntil } lost { name validUntil } gained { name validUntil } } }',
      { facts: { endDate: '2026-12-31T23:00:00.000Z', department: 'Operator' } },
    );
    expect(untilOf(simulateAccess.kept)).toEqual({ 'crm.user': '2026-12-31T23:00:00.000Z' });
    expect(untilOf(simulateAccess.gained)).toEqual({ 'tenure.operator': '2026-12-31T23:00:00.000Z' });
    expect(untilOf(simulateAccess.lost)).toEqual({ 'tenure.admin': end });
  });

  test('the sentences of the audit', async () => {
    const { identity } = await ask<{ identity: { timeline: readonly { action: string; sentence: string }[] } }>(
      'query ($id: ID!) { identity(id: $id) { timeline { action sentence } } }',
    );
    const given = identity.timeline.filter(({ action }) => action === 'grant.given').map(({ sentence }) => sentence);
    expect(given.toSorted()).toEqual([
      `Was granted entitlement crm.user until ${end}: rule everybody of policy version 1.`,
      expect.stringContaining(`Was granted entitlement tenure.admin until ${end}: rule admins of policy version 1`),
    ]);
  });

  test('an end that an operator sets counts at once', async () => {
    await ask('mutation ($id: ID!) { terminate(identityIds: [$id], on: "2026-04-30", reason: "agreed") { outcome } }');
    const { identity } = await ask<{ identity: { grants: readonly Held[] } }>('query ($id: ID!) { identity(id: $id) { grants { name validUntil } } }');
    expect(untilOf(identity.grants)).toEqual({ 'crm.user': '2026-04-30T22:00:00.000Z', 'tenure.admin': '2026-04-30T22:00:00.000Z' });
  });
});
