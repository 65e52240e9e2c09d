import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createTestApi, later, type TestApi } from './api.ts';
import { decideIdentity } from '@tenure/engine/decide';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  employeeNumber: { type: string }
  manager: { type: string }
  sponsor: { type: string }
  kind: { type: string }
  endDate: { type: date }
  leaveStart: { type: date }
  leaveEnd: { type: date }
precedence: { default: [hr] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: { cel: 'claims.kind' }, correlate: [{ attribute: employeeNumber }] }
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
relations:
  manager: { attribute: manager, by: employeeNumber }
  sponsor: { attribute: sponsor, by: employeeNumber }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user], until: identity.endDate }
lifecycle:
  - name: contractors
    when: identity.userType == "contractor"
    requires: [sponsor, endDate]
    extension: { askBefore: P14D, maximum: P90D, maximumTotal: P180D }
    end: { grace: P30D, then: delete }
  - { name: others, end: { grace: P30D, then: keep } }
`;

let api: TestApi;
const start = '2026-03-01T12:00:00.000Z';

beforeAll(async () => {
  api = await createTestApi({ tenureYaml, accessYaml });
});
beforeEach(() => {
  api.now = start;
});
afterAll(() => api.stop());

/** Time passes here, and tokens end. */
const operator = () => api.serviceToken('operator');

const versions = new Map<string, number>();
/** Records HR's facts about a person, each time as a newer version. */
async function says(number: string, facts: Readonly<Record<string, string | null>>, status: 'active' | 'ended' = 'active'): Promise<string> {
  const version = (versions.get(number) ?? 0) + 1;
  versions.set(number, version);
  const whole = { displayName: `Person ${number}`, employeeNumber: number, kind: 'employee', ...facts };
  return (await api.record({ externalId: number, version: String(version), status, facts: whole })).identityId ?? '';
}
const contractor = (number: string, sponsor: string, endDate = '2026-06-30') => says(number, { kind: 'contractor', sponsor, endDate });
async function login(id: string): Promise<string> {
  const context = { actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now } as const;
  return (await api.store.transaction(context, (tx) => tx.sessions.open(id, 'none', api.now, later(api.now, 24 * 365)))).token;
}
async function employee(number: string, manager: string | null = null): Promise<{ id: string; token: string }> {
  const id = await says(number, { manager });
  return { id, token: await login(id) };
}
/** Lets the date of an identity lifecycle come, as its timer would. */
async function wakeUp(id: string, now: string): Promise<void> {
  api.now = now;
  await api.store.transaction({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now }, (tx) => decideIdentity(tx, api.engine, id, 'timer'));
}
const ask = async <T>(query: string, token: string, variables: object = {}): Promise<T> =>
  (await api.graphql(query, { token, variables })).data as unknown as T;
const extend = (id: string, until: string, token: string) =>
  api.graphql('mutation ($id: ID!, $until: String!) { extendContract(identityId: $id, until: $until, reason: "Bo needs her longer") { outcome endsAt } }', {
    token,
    variables: { id, until },
  });
const code = async (answer: ReturnType<typeof extend>): Promise<string | undefined> => (await answer).errors[0]?.extensions.code;
const mine = async (token: string) =>
  (await ask<{ myCases: readonly { kind: string; deadline: string }[] }>('{ myCases { kind subjectName deadline evidence } }', token)).myCases;
const sponsored = async (token: string) =>
  (await ask<{ mySponsored: readonly { id: string }[] }>('{ mySponsored { id name state why endsAt latestEndsAt } }', token)).mySponsored;
const look = async (id: string) =>
  (
    await ask<{
      identity: { sponsorship: { sponsorId: string | null; why: string }; cases: readonly { kind: string; status: string; ownerId: string | null }[] };
    }>(
      'query ($id: ID!) { identity(id: $id) { state sponsorship { sponsorId sponsorName why } cases { kind status ownerId } attributes { name value source } grants { validUntil } } }',
      await operator(),
      { id },
    )
  ).identity;

describe('a contract that ends', () => {
  test('is asked about ahead of time, extended by the sponsor alone, and asked about again before the new end', async () => {
    const [sponsor, stranger] = [await employee('s1'), await employee('x1')];
    const id = await contractor('c1', 's1');
    expect(await mine(sponsor.token)).toEqual([]);
    expect(await sponsored(sponsor.token)).toEqual([
      { id, name: 'Person c1', state: 'ACTIVE', why: 'is named', endsAt: '2026-06-30T22:00:00.000Z', latestEndsAt: '2026-09-28T22:00:00.000Z' },
    ]);
    await wakeUp(id, '2026-06-16T22:00:00.000Z');
    expect(await mine(sponsor.token)).toMatchObject([{ kind: 'CONTRACT_ENDING', subjectName: 'Person c1', deadline: '2026-06-30T22:00:00.000Z' }]);

    expect(await code(extend(id, '2026-08-31', stranger.token))).toBe('FORBIDDEN');
    expect(await code(extend(id, '2026-08-31', await login(id)))).toBe('FORBIDDEN');
    expect(await code(extend(stranger.id, '2026-08-31', await operator()))).toBe('NOT_EXTENDABLE');
    expect(await code(extend(id, '2026-09-29', sponsor.token))).toBe('INPUT_INVALID');
    expect(await code(extend(id, '2026-06-29', sponsor.token))).toBe('INPUT_INVALID');
    expect(await code(extend(id, 'soon', sponsor.token))).toBe('INPUT_INVALID');

    const extended = { endsAt: '2026-08-31T22:00:00.000Z' };
    expect((await extend(id, '2026-08-31', sponsor.token)).data).toEqual({ extendContract: { outcome: 'EXTENDED', ...extended } });
    expect((await extend(id, '2026-08-31', sponsor.token)).data).toEqual({ extendContract: { outcome: 'UNCHANGED', ...extended } });
    expect(await mine(sponsor.token)).toEqual([]);
    const seen = await look(id);
    expect(seen).toMatchObject({ state: 'ACTIVE', grants: [{ validUntil: extended.endsAt }], cases: [{ kind: 'CONTRACT_ENDING', status: 'CLOSED' }] });
    expect(seen).toMatchObject({ attributes: expect.arrayContaining([{ name: 'endDate', value: '2026-08-31', source: 'extension' }]) });

    // The same facts again leave it; another end is newer knowledge.
    await contractor('c1', 's1');
    expect(await look(id)).toMatchObject({ grants: [{ validUntil: extended.endsAt }] });
    await contractor('c1', 's1', '2026-07-15');
    expect(await look(id)).toMatchObject({ grants: [{ validUntil: '2026-07-15T22:00:00.000Z' }] });
  });

  test('is extended by whom its sponsor lets answer, and by whom the question was given to; by nobody whom the contractor chose', async () => {
    const [sponsor, colleague, other] = [await employee('s6'), await employee('x6'), await employee('y6')];
    const id = await contractor('c6', 's6');
    await wakeUp(id, '2026-06-16T22:00:00.000Z');
    const lets = async (token: string, to: string): Promise<void> => {
      const call = `delegate(to: "${to}", until: "${later(api.now, 24)}", kinds: [CASES], reason: "away")`;
      expect((await api.graphql(`mutation { ${call} { id } }`, { token })).errors).toEqual([]);
    };
    await lets(await login(id), colleague.id);
    expect(await code(extend(id, '2026-07-31', colleague.token))).toBe('FORBIDDEN');
    await lets(sponsor.token, other.id);
    expect((await extend(id, '2026-07-31', other.token)).errors).toEqual([]);
    await wakeUp(id, '2026-07-17T22:00:00.000Z');
    const open = await api.store.read((tx) => tx.cases.openOfKey(`contract-ending/${id}`));
    const given = `reassignCase(id: "${open?.id ?? ''}", ownerId: "${colleague.id}", reason: "Knows them better")`;
    expect((await api.graphql(`mutation { ${given} { id } }`, { token: await operator() })).errors).toEqual([]);
    expect((await extend(id, '2026-08-15', colleague.token)).errors).toEqual([]);
    expect(await code(extend(id, '2026-08-20', await login(id)))).toBe('FORBIDDEN');
  });

  test('that nobody extends ends, and then it is too late', async () => {
    const sponsor = await employee('s2');
    const id = await contractor('c2', 's2');
    await wakeUp(id, '2026-06-16T22:00:00.000Z');
    api.now = '2026-06-30T22:00:00.000Z';
    expect(await code(extend(id, '2026-08-31', sponsor.token))).toBe('CONTRACT_ENDED');
    await wakeUp(id, '2026-06-30T22:00:00.000Z');
    expect(await look(id)).toMatchObject({ state: 'LEAVING', cases: [{ kind: 'CONTRACT_ENDING', status: 'CLOSED' }] });
    expect(await code(extend(id, '2026-08-31', await operator()))).toBe('CONTRACT_ENDED');
  });

  test('an operator may extend it too, and what is written about it is kept with the person’s key', async () => {
    const id = await contractor('c3', 'nobody');
    expect((await extend(id, '2026-07-31', await operator())).errors).toEqual([]);
    expect(JSON.stringify(await api.database.execute(`select * from audit_event where action = 'identity.contractExtended'`))).not.toMatch(/Bo needs/);
  });
});

describe('a sponsor who is not there', () => {
  test('is replaced by the first manager who is, at once and for everybody, with their open cases; and is asked again when back', async () => {
    const [top, boss, sponsor] = [await employee('t4'), await employee('b4', 't4'), await employee('s4', 'b4')];
    const ids = [await contractor('c4', 's4'), await contractor('d4', 's4')];
    for (const id of ids) await wakeUp(id, '2026-06-16T22:00:00.000Z');
    expect(await mine(sponsor.token)).toHaveLength(2);

    await says('s4', { manager: 'b4' }, 'ended');
    expect(await mine(boss.token)).toHaveLength(2);
    expect(await sponsored(boss.token)).toMatchObject([{ why: 'in place of Person s4 (leaving)' }, {}]);
    for (const id of ids)
      expect(await look(id)).toMatchObject({ sponsorship: { sponsorId: boss.id, sponsorName: 'Person b4' }, cases: [{ status: 'OPEN', ownerId: boss.id }] });
    expect((await extend(ids[0] ?? '', '2026-07-31', boss.token)).errors).toEqual([]);

    await says('b4', { manager: 't4', leaveStart: '2026-06-01', leaveEnd: null });
    expect(await sponsored(top.token)).toHaveLength(2);
    expect(await mine(top.token)).toMatchObject([{ kind: 'CONTRACT_ENDING', subjectName: 'Person d4' }]);
    // A person who returns logs in again: the session ended with the leave.
    await says('b4', { manager: 't4' });
    const bossAgain = await login(boss.id);
    expect(await sponsored(bossAgain)).toHaveLength(2);
    await says('s4', { manager: 'b4' });
    const sponsorAgain = await login(sponsor.id);
    expect(await sponsored(sponsorAgain)).toHaveLength(2);
    expect(await mine(bossAgain)).toEqual([]);
    expect(await mine(sponsorAgain)).toHaveLength(1);
  });

  test('and has nobody above is a case for the operators, until somebody is known; the end stands', async () => {
    const id = await contractor('c5', 's5');
    const missing = { status: 'OPEN', ownerId: null };
    expect(await look(id)).toMatchObject({
      sponsorship: { sponsorId: null },
      cases: [
        { kind: 'SPONSOR_MISSING', ...missing },
        { kind: 'FACTS_MISSING', ...missing },
      ],
    });
    await wakeUp(id, '2026-06-16T22:00:00.000Z');
    const asked = async () => (await look(id)).cases.find(({ kind }) => kind === 'CONTRACT_ENDING');
    expect(await asked()).toMatchObject({ status: 'OPEN', ownerId: null });
    // The named sponsor is hired at last.
    const sponsor = await employee('s5');
    expect(await asked()).toMatchObject({ status: 'OPEN', ownerId: sponsor.id });
    expect((await look(id)).cases.find(({ kind }) => kind === 'SPONSOR_MISSING')).toMatchObject({ status: 'CLOSED' });
    await says('s5', {}, 'ended');
    expect(await asked()).toMatchObject({ status: 'OPEN', ownerId: null });
    expect((await look(id)).sponsorship.why).toMatch(/^nobody is there: not .* \(leaving\)$/);
  });

  test('nobody answers for themselves', async () => {
    await says('c6', { kind: 'contractor', sponsor: 'c6', manager: 'b6', endDate: '2026-06-30' });
    const boss = await employee('b6');
    expect(await sponsored(boss.token)).toMatchObject([{ name: 'Person c6', why: 'in place of the person themselves' }]);
  });
});
