import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { LoginRefused } from '@tenure/domain';
import { completeLogin } from '@tenure/engine/login';
import { createTestApi, later, type TestApi } from './api.ts';
import { decideIdentity } from '@tenure/engine/decide';

const tenureYaml = `
url: http://localhost:4000
timeZone: Europe/Berlin
attributes:
  displayName: { type: string }
  employeeNumber: { type: string }
  manager: { type: string }
  kind: { type: string }
precedence: { default: [hr, contoso] }
sources:
  hr: { title: HR, authoritative: true, mayCreate: true, userType: { cel: 'claims.kind' }, correlate: [{ attribute: employeeNumber }] }
identityProviders:
  contoso: { protocol: oidc, issuer: https://login.contoso.example, clientId: tenure, attributes: { employeeNumber: claims.number }, correlate: [{ attribute: employeeNumber }] }
  fabrikam: { protocol: oidc, issuer: https://login.fabrikam.example, clientId: tenure, mayLink: [bound], attributes: { employeeNumber: claims.number }, correlate: [{ attribute: employeeNumber }] }
targets:
  crm: { kind: scim, url: "http://127.0.0.1:9/scim", token: "\${env:CRM_TOKEN}", attributes: { displayName: identity.displayName } }
`;
const accessYaml = `
entitlements:
  crm.user: { target: crm, value: users }
relations:
  manager: { attribute: manager, by: employeeNumber }
birthright:
  - { name: everybody, when: "true", entitlements: [crm.user] }
lifecycle:
  - name: partners
    when: identity.userType == "partner"
    inactivity: { disable: P30D, remove: P60D, reactivate: login }
    end: { grace: P30D, then: delete }
  - name: employees
    inactivity: { warn: P60D, disable: P90D, remove: P180D }
    end: { grace: P30D, then: keep }
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

const act = () => ({ actor: { kind: 'system', id: 'test' }, correlationId: 'test', now: api.now }) as const;
const hire = async (number: string, facts: Readonly<Record<string, string>> = {}): Promise<string> =>
  (await api.record({ externalId: number, facts: { displayName: `Person ${number}`, employeeNumber: number, kind: 'employee', ...facts } })).identityId ?? '';
/** @returns the reason with which it was refused, or `null` */
async function login(number: string, provider: 'contoso' | 'fabrikam' = 'contoso'): Promise<string | null> {
  const settings = api.configuration.identityProviders[provider];
  if (settings === undefined) throw new Error('no such provider');
  const proven = {
    provider: settings,
    issuer: `https://login.${provider}.example`,
    subject: number,
    nameIdFormat: null,
    claims: { number },
    request: null,
    assertion: null,
  };
  try {
    await completeLogin({ store: api.store, engine: api.engine }, proven, act());
    return null;
  } catch (error) {
    if (error instanceof LoginRefused) return error.reason;
    throw error;
  }
}
/** Lets the dates of an identity lifecycle come, as its timer would. */
async function until(id: string, now: string): Promise<void> {
  for (;;) {
    const next = (await api.store.read((tx) => tx.identities.get(id)))?.nextWakeUp ?? null;
    api.now = next !== null && next < now ? next : now;
    await api.store.transaction(act(), (tx) => decideIdentity(tx, api.engine, id, 'timer'));
    if (api.now === now) return;
  }
}
interface Seen {
  readonly state: string;
  readonly lastActivityAt: string | null;
  readonly cases: readonly { readonly kind: string; readonly status: string; readonly ownerId: string | null; readonly deadline: string | null }[];
}
const look = async (id: string): Promise<Seen> => {
  const query = `query ($id: ID!) { identity(id: $id) { state lastActivityAt lifecycle { why inactivity { status since warnAt disableAt removeAt } }
    accounts { desired { state } } grants { name } cases { kind status ownerId deadline } forecast(until: "2027-01-01T00:00:00Z") { at state } } }`;
  const { data } = await api.graphql(query, { token: await api.serviceToken('operator'), variables: { id } });
  return (data as unknown as { identity: Seen }).identity;
};
const reactivate = (id: string, token: string) =>
  api.graphql('mutation ($id: ID!) { reactivate(identityId: $id, reason: "Back from a long project") { outcome state } }', { token, variables: { id } });

describe('somebody of whom nothing is heard', () => {
  test('is warned, and a login in time stops it', async () => {
    const id = await hire('1');
    expect(await look(id)).toMatchObject({ lastActivityAt: null, lifecycle: { inactivity: null }, forecast: [] });
    expect(await login('1')).toBeNull();
    expect(await look(id)).toMatchObject({
      lastActivityAt: start,
      lifecycle: { inactivity: { status: 'ACTIVE', since: '2026-03-01T23:00:00.000Z', disableAt: '2026-05-30T22:00:00.000Z' } },
      forecast: [
        { at: '2026-05-30T22:00:00.000Z', state: 'SUSPENDED' },
        { at: '2026-08-28T22:00:00.000Z', state: 'LEFT' },
      ],
    });
    await until(id, '2026-05-01T00:00:00.000Z');
    expect(await look(id)).toMatchObject({ state: 'ACTIVE', lifecycle: { inactivity: { status: 'WARNED' } } });
    const told = await api.database.execute(`select recipient, data from notice where kind = 'inactivity-warning'`);
    expect(told).toEqual([{ recipient: expect.stringContaining(id), data: { endsAt: '2026-05-30T22:00:00.000Z' } }]);
    expect(await login('1')).toBeNull();
    expect(await look(id)).toMatchObject({ state: 'ACTIVE', lifecycle: { inactivity: { status: 'ACTIVE' } } });
  });

  test('is disabled, comes back by no login, but by the manager who is asked', async () => {
    const boss = await hire('b2');
    const id = await hire('2', { manager: 'b2' });
    await login('2');
    await until(id, '2026-06-10T00:00:00.000Z');
    expect(await look(id)).toMatchObject({ state: 'SUSPENDED', accounts: [{ desired: { state: 'DISABLED' } }], grants: [{ name: 'crm.user' }] });
    expect((await look(id)).cases[0]).toMatchObject({ kind: 'INACTIVE', status: 'OPEN', ownerId: boss });
    expect(await login('2')).toBe('suspended');
    // Nor by a provider through which they never came before.
    expect(await login('2', 'fabrikam')).toBe('suspended');
    expect(await look(id)).toMatchObject({ state: 'SUSPENDED', lastActivityAt: start });

    const session = async (of: string) => (await api.store.transaction(act(), (tx) => tx.sessions.open(of, 'none', api.now, later(api.now, 24)))).token;
    const stranger = await hire('x2');
    expect((await reactivate(id, await session(stranger))).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await reactivate(id, await session(boss))).data).toEqual({ reactivate: { outcome: 'REACTIVATED', state: 'ACTIVE' } });
    expect(await look(id)).toMatchObject({ state: 'ACTIVE', accounts: [{ desired: { state: 'ENABLED' } }] });
    expect((await look(id)).cases[0]).toMatchObject({ kind: 'INACTIVE', status: 'CLOSED' });
    expect((await reactivate(id, await api.serviceToken('operator'))).data).toEqual({ reactivate: { outcome: 'NOT_INACTIVE', state: 'ACTIVE' } });
    expect(await login('2')).toBeNull();
  });

  test('is not brought back beside an end that an operator has set: taking that back is what vouches for them', async () => {
    const id = await hire('6');
    await login('6');
    await until(id, '2026-06-10T00:00:00.000Z');
    const token = await api.serviceToken('operator');
    const say = (mutation: string) => api.graphql(`mutation { ${mutation} { outcome state } }`, { token });
    const scheduled = { outcome: 'SCHEDULED', state: 'SUSPENDED' };
    expect((await say(`terminate(identityIds: ["${id}"], on: "2026-06-30", reason: "The project ends")`)).data).toEqual({ terminate: [scheduled] });
    expect((await reactivate(id, token)).errors[0]).toMatchObject({
      extensions: { code: 'INPUT_INVALID' },
      message: expect.stringContaining('withdrawTermination'),
    });
    expect((await say(`withdrawTermination(identityId: "${id}", reason: "It goes on")`)).data).toEqual({
      withdrawTermination: { outcome: 'WITHDRAWN', state: 'ACTIVE' },
    });
  });

  test('is removed at last, and then only an operator brings them back', async () => {
    const id = await hire('3');
    await login('3');
    await until(id, '2026-09-01T00:00:00.000Z');
    expect(await look(id)).toMatchObject({ state: 'LEFT', accounts: [{ desired: { state: 'ABSENT' } }], grants: [] });
    expect(await login('3')).toBe('life-ended');
    expect((await reactivate(id, await api.serviceToken('operator'))).data).toEqual({ reactivate: { outcome: 'REACTIVATED', state: 'ACTIVE' } });
    expect(await look(id)).toMatchObject({ state: 'ACTIVE', accounts: [{ desired: { state: 'ENABLED' } }], grants: [{ name: 'crm.user' }] });
  });

  test('comes back by a login where the rule says so, until removed', async () => {
    const id = await hire('4', { kind: 'partner' });
    await login('4');
    await until(id, '2026-04-10T00:00:00.000Z');
    expect(await look(id)).toMatchObject({ state: 'SUSPENDED', cases: [] });
    expect(await login('4')).toBeNull();
    expect(await look(id)).toMatchObject({ state: 'ACTIVE', lastActivityAt: '2026-04-10T00:00:00.000Z' });
    await until(id, '2026-07-01T00:00:00.000Z');
    expect(await look(id)).toMatchObject({ state: 'LEFT' });
    expect(await login('4')).toBe('life-ended');
  });

  test('a login that only makes it later wakes no life: the outbox stays as it is', async () => {
    const id = await hire('5');
    await login('5');
    await api.database.execute('update account set confirmed_at = desired_since');
    await api.database.execute('delete from outbox');
    api.now = later(api.now, 48);
    await login('5');
    expect(await api.database.execute('select 1 from outbox')).toEqual([]);
    expect((await api.store.read((tx) => tx.identities.get(id)))?.nextWakeUp).toBe('2026-05-02T22:00:00.000Z');
  });
});
