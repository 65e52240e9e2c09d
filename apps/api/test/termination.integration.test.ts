import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, later, type TestApi } from './api.ts';

let api: TestApi;
let operator: string;
const unknown = '00000000-0000-4000-8000-000000000000';

beforeAll(async () => {
  api = await createTestApi();
  operator = await api.serviceToken('operator');
});
afterAll(() => api.stop());

const terminate = (ids: readonly string[], reason = 'Laptop and badge were stolen, says Ann') =>
  api.graphql(
    'mutation ($ids: [ID!]!, $reason: String!) { terminateNow(identityIds: $ids, reason: $reason) { identityId outcome state sessionsEnded targets } }',
    {
      token: operator,
      variables: { ids, reason },
    },
  );

const lift = (id: string) =>
  api.graphql('mutation ($id: ID!) { liftTermination(identityId: $id, reason: "it was somebody else") { outcome state targets } }', {
    token: operator,
    variables: { id },
  });

const view = async (id: string): Promise<unknown> =>
  (
    await api.graphql('query ($id: ID) { identity(id: $id) { state grants { name } accounts { desired { state } } records { source status } } }', {
      token: operator,
      variables: { id },
    })
  ).data;

describe('terminateNow', () => {
  test('ends several people at once, with their sessions, and wakes their lives before all others', async () => {
    const [one, other] = [await api.person('Sales'), await api.person('Finance')];
    await api.database.execute('delete from outbox');
    const { data, errors } = await terminate([one.id, unknown, other.id]);
    expect(errors).toEqual([]);
    const ended = { outcome: 'TERMINATED', state: 'LEAVING', sessionsEnded: 1, targets: ['crm'] };
    expect(data).toEqual({
      terminateNow: [
        { identityId: one.id, ...ended },
        { identityId: unknown, outcome: 'NOT_FOUND', state: null, sessionsEnded: 0, targets: [] },
        { identityId: other.id, ...ended },
      ],
    });
    expect((await api.graphql('{ me { id } }', { token: one.token })).status).toBe(401);
    expect(await api.database.execute('select identity_id, urgent from outbox order by id')).toEqual([
      { identity_id: one.id, urgent: true },
      { identity_id: other.id, urgent: true },
    ]);
    expect(await view(one.id)).toMatchObject({
      identity: { state: 'LEAVING', grants: [], records: expect.arrayContaining([{ source: 'operator', status: 'ENDED' }]) },
    });
  });

  test("goes before HR's word until it is lifted, and then HR's counts again", async () => {
    const { identityId } = await api.record({ externalId: 'back', facts: { employeeNumber: 'back', department: 'Finance' } });
    const id = identityId ?? '';
    await terminate([id]);
    await api.record({ externalId: 'back', version: '2', facts: { employeeNumber: 'back', department: 'Sales' } });
    await api.record({ externalId: 'back-again', facts: { employeeNumber: 'back', department: 'Sales' } });
    expect(await view(id)).toMatchObject({ identity: { state: 'LEAVING', grants: [] } });
    expect((await lift(id)).data).toEqual({ liftTermination: { outcome: 'LIFTED', state: 'ACTIVE', targets: ['crm'] } });
    expect(await view(id)).toMatchObject({ identity: { state: 'ACTIVE', grants: [{ name: 'crm.user' }] } });
    expect((await lift(id)).data).toMatchObject({ liftTermination: { outcome: 'NOT_TERMINATED', state: 'ACTIVE' } });
  });

  test('said again, it changes nothing, not even the instant', async () => {
    const { id } = await api.person('Sales');
    await terminate([id]);
    const before = api.now;
    api.now = later(before, 1);
    expect((await terminate([id])).data).toMatchObject({ terminateNow: [{ outcome: 'ALREADY_TERMINATED', state: 'LEAVING', sessionsEnded: 0 }] });
    api.now = before;
    const [row] = (await api.database.execute(`select ended_at from source_record where source = 'operator' and identity_id = ?`, [id])) as {
      ended_at: string;
    }[];
    expect(new Date(row?.ended_at ?? '').toISOString()).toBe(before);
  });

  test('tells who did it and why, the reason with the key of the person', async () => {
    const { id } = await api.person('Sales');
    await terminate([id]);
    const { data } = await api.graphql('query ($id: ID) { identity(id: $id) { timeline(first: 20) { action sentence actor { kind } } } }', {
      token: operator,
      variables: { id },
    });
    expect((data as unknown as { identity: { timeline: unknown[] } }).identity.timeline).toContainEqual({
      action: 'identity.terminated',
      sentence: expect.stringMatching(/^Was ended at once by an operator.*Reason given: Laptop and badge were stolen, says Ann$/),
      actor: { kind: 'SERVICE' },
    });
    expect(JSON.stringify(await api.database.execute(`select * from audit_event where action = 'identity.terminated'`))).not.toContain('says Ann');
    expect((await terminate([id], ' ')).errors[0]?.extensions.code).toBe('INPUT_INVALID');
  });

  test('calls off a hire that lies ahead', async () => {
    const { identityId } = await api.record({ externalId: 'future', facts: { employeeNumber: 'future', startDate: '2026-05-01' } });
    expect((await terminate([identityId ?? ''])).data).toMatchObject({ terminateNow: [{ outcome: 'TERMINATED' }] });
    expect(['LEFT', 'LEAVING']).toContain(((await view(identityId ?? '')) as { identity: { state: string } }).identity.state);
  });
});
