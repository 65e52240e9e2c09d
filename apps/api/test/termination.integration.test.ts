import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createTestApi, later, type TestApi } from './api.ts';
import { decideIdentity } from '@tenure/engine/decide';

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
  api.graphql('mutation ($id: ID!) { withdrawTermination(identityId: $id, reason: "it was somebody else") { outcome state targets } }', {
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
    expect((await lift(id)).data).toEqual({ withdrawTermination: { outcome: 'WITHDRAWN', state: 'ACTIVE', targets: ['crm'] } });
    expect(await view(id)).toMatchObject({ identity: { state: 'ACTIVE', grants: [{ name: 'crm.user' }] } });
    expect((await lift(id)).data).toMatchObject({ withdrawTermination: { outcome: 'NOT_TERMINATED', state: 'ACTIVE' } });
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
      sentence: expect.stringMatching(/^Was terminated at once by an operator.*Reason given: Laptop and badge were stolen, says Ann$/),
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

describe('terminate', () => {
  const call = `mutation ($ids: [ID!]!, $at: Instant, $on: String) { terminate(identityIds: $ids, at: $at, on: $on, reason: "Notice was given, says Ann") { outcome state endsAt sessionsEnded } }`;
  const end = (ids: readonly string[], when: { at?: string; on?: string }) => api.graphql(call, { token: operator, variables: { ids, ...when } });
  const foreseen = async (id: string, instant: string): Promise<unknown> =>
    (
      await api.graphql(
        'query ($id: ID!, $instant: Instant!) { identity(id: $id) { state forecast(first: 1) { at state } records { endedAt endedOn } } accessAt(identityId: $id, instant: $instant) { state grants { name } } }',
        { token: operator, variables: { id, instant } },
      )
    ).data;
  const works = async (timeZone: string): Promise<string> =>
    (await api.record({ externalId: `works in ${timeZone}`, facts: { employeeNumber: timeZone, department: 'Sales', timeZone } })).identityId ?? '';

  test('ends somebody at an instant ahead: shown before, moved by another, done by the engine when it comes', async () => {
    const { id, token } = await api.person('Sales');
    await api.database.execute('delete from outbox');
    const [first, second] = [later(api.now, 48), later(api.now, 4)];
    expect((await end([id], { at: first })).data).toEqual({ terminate: [{ outcome: 'SCHEDULED', state: 'ACTIVE', endsAt: first, sessionsEnded: 0 }] });
    expect(await api.database.execute('select identity_id, urgent from outbox')).toEqual([{ identity_id: id, urgent: false }]);
    expect((await end([id], { at: first })).data).toMatchObject({ terminate: [{ outcome: 'ALREADY_SCHEDULED', endsAt: first }] });
    expect((await end([id], { at: second })).data).toMatchObject({ terminate: [{ outcome: 'SCHEDULED', endsAt: second }] });
    expect(await foreseen(id, second)).toMatchObject({
      identity: { state: 'ACTIVE', forecast: [{ at: second, state: 'LEAVING' }] },
      accessAt: { state: 'LEAVING', grants: [] },
    });
    expect((await api.graphql('{ me { id } }', { token })).data).toEqual({ me: { id } });
    const before = api.now;
    api.now = second;
    await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'the life', now: second }, (tx) =>
      decideIdentity(tx, api.engine, id, 'timer'),
    );
    expect(await view(id)).toMatchObject({ identity: { state: 'LEAVING', grants: [], accounts: [{ desired: { state: 'DISABLED' } }] } });
    expect((await api.graphql('{ me { id } }', { token })).status).toBe(401);
    expect((await end([id], { at: first })).data).toMatchObject({ terminate: [{ outcome: 'ALREADY_TERMINATED', endsAt: second }] });
    api.now = before;
  });

  test('ends people with a day that ends where each of them is, for all or for none; the audit says so', async () => {
    const [tokyo, honolulu] = [await works('Asia/Tokyo'), await works('Pacific/Honolulu')];
    const before = api.now;
    // It is the second of March in Tokyo already.
    api.now = '2026-03-01T15:00:00.000Z';
    const refused = await end([honolulu, tokyo], { on: '2026-03-01' });
    expect(refused.errors[0]).toMatchObject({
      message: 'on: 2026-03-01 has ended in the time zone of one of these people; use terminateNow',
      extensions: { code: 'INPUT_INVALID', details: { identityId: tokyo } },
    });
    expect(await foreseen(honolulu, '2027-01-01T00:00:00.000Z')).toMatchObject({ identity: { forecast: [] } });
    expect((await end([tokyo, honolulu, unknown], { on: '2026-03-31' })).data).toMatchObject({
      terminate: [
        { outcome: 'SCHEDULED', endsAt: '2026-03-31T15:00:00.000Z' },
        { outcome: 'SCHEDULED', endsAt: '2026-04-01T10:00:00.000Z' },
        { outcome: 'NOT_FOUND', endsAt: null },
      ],
    });
    api.now = before;
    // The day stays, and its end is where the person is by then.
    await api.record({ externalId: 'works in Asia/Tokyo', version: '2', facts: { employeeNumber: 'Asia/Tokyo', timeZone: 'America/Los_Angeles' } });
    expect(await foreseen(tokyo, '2026-04-01T07:00:00.000Z')).toMatchObject({
      identity: {
        forecast: [{ at: '2026-04-01T07:00:00.000Z', state: 'LEAVING' }],
        records: expect.arrayContaining([{ endedAt: null, endedOn: '2026-03-31' }]),
      },
      accessAt: { state: 'LEAVING' },
    });
    const { data } = await api.graphql('query ($id: ID) { identity(id: $id) { timeline(first: 20) { sentence } } }', {
      token: operator,
      variables: { id: tokyo },
    });
    expect(JSON.stringify(data)).toContain('An operator set 2026-03-31 as the last day, whatever the sources state. Reason given: Notice was given, says Ann');
    expect((await lift(tokyo)).data).toMatchObject({ withdrawTermination: { outcome: 'WITHDRAWN', state: 'ACTIVE' } });
    expect(await foreseen(tokyo, '2026-04-02T00:00:00.000Z')).toMatchObject({ identity: { forecast: [] }, accessAt: { state: 'ACTIVE' } });
    // A scheduled end can be replaced by an immediate one.
    expect((await terminate([honolulu])).data).toMatchObject({ terminateNow: [{ outcome: 'TERMINATED', state: 'LEAVING' }] });
  });

  test.each([
    ['an instant that is over', { at: '2026-03-01T11:59:59Z' }, 'at: 2026-03-01T11:59:59.000Z is in the past; use terminateNow'],
    ['both', { at: '2026-04-01T00:00:00Z', on: '2026-04-01' }, 'Provide either at (an instant) or on (a last day).'],
    ['neither', {}, 'Provide either at (an instant) or on (a last day).'],
    ['no day', { on: '2026-02-30' }, 'on must be a day (YYYY-MM-DD)'],
  ])('refuses %s', async (_, when, message) => {
    const { id } = await api.person('Sales');
    expect((await end([id], when)).errors[0]).toMatchObject({ message, extensions: { code: 'INPUT_INVALID' } });
  });
  test.each([
    ['nobody', []],
    ['too many', new Array<string>(501).fill(unknown)],
    ['what is no id', ['ann@example.com']],
  ])('refuses %s', async (_, ids) => {
    expect((await end(ids, { on: '2026-04-01' })).errors[0]?.extensions.code).toBe('INPUT_INVALID');
    expect((await terminate(ids)).errors[0]?.extensions.code).toBe('INPUT_INVALID');
  });
});
